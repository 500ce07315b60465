"""The figures of the README: what the program costs beside the least that could be written."""
