"""The errors that users read, and the termination by another process."""


class DeidError(Exception):
    """An error that the user can fix: it names the problem, the value and the remedy, and never holds note text.

    The command line prints it as one line and exits with 1.
    """


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command in the same way as Ctrl-C."""


def reason_of(error: Exception) -> str:
    """Return the message of a DeidError, and only the type of another error: its message may hold note text."""
    return str(error) if isinstance(error, DeidError) else type(error).__name__
