"""How a teardown fails."""


class TeardownError(Exception):
    """A stack cannot be taken down; the message is all that is shown, with the way out."""
