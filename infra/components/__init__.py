"""The components a stack is composed of, one file each; none of them reads config."""
