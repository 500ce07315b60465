"""How a recovery fails."""


class RecoveryError(Exception):
    """A stack cannot be recovered; the message is all that is shown, with the way out."""


class ProgramError(RecoveryError):
    """The program does not get through a preview; it has said why."""
