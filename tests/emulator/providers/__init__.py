"""The Pulumi side of the offline AWS, driven as the engine drives it."""
