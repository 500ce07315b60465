"""The rules, one file a concern; each file ends in ``RULES``."""
