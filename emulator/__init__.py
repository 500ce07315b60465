"""The offline AWS: what speaks AWS's API, and what the Pulumi engine attaches to, on loopback.

It knows nothing of the program that is deployed on it: a cloud that refuses exactly what the
program's own config refuses would prove nothing.
"""
