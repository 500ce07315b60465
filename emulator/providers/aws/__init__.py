"""The provider `aws`: one engine, and one declarative table for each resource type."""
