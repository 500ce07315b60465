"""Deployments disturbed at every step, and what becomes of them; `make campaign` runs all of it."""
