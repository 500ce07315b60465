"""Makes a stack's state true again after a deployment was killed or lost an answer of AWS."""
