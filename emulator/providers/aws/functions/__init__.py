"""The functions of the provider `aws`: one declarative table for each."""
