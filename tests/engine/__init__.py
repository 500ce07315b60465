"""The engine: how it is found or made, and how its language host runs programs."""
