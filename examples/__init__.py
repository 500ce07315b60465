"""Sample agents."""
