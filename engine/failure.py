"""The one error of this package."""


class EngineUnavailableError(Exception):
    """An engine, or one way to it, cannot be had; the text tells the user why, and the way out."""
