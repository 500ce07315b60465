"""Installs the Pulumi engine: the CLI and the language host it runs Python programs with.

Runs on Linux and macOS before anything else is installed, so it imports nothing but Python's
standard library. `engine.install.ensure` is the way in for code, `python -m engine` for the shell.
The Go module in this folder pins what is built where an official Pulumi cannot be downloaded.
"""
