"""How a recovery fails."""


class RecoveryError(Exception):
    """A stack cannot be recovered; the message is all that is shown, with the way out."""
