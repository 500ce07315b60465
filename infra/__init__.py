"""The Pulumi program: what gets deployed, and nothing about how the engine is run."""
