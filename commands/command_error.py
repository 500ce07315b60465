"""How a command fails."""


class CommandError(Exception):
    """A command cannot do its work; the message is all that is shown, with the way out."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class StackBusyError(CommandError):
    """Another command is at work on the stack."""
