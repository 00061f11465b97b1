"""The one kind of error a user is meant to read, and the end that another process may ask for."""


class DeidError(Exception):
    """An error that the user can fix: it names the problem, the value and the remedy, and never holds note text.

    The command line prints it as one line and exits with 1.
    """


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as tidily as Ctrl-C does."""


def reason_of(error: Exception) -> str:
    """Return the message of a DeidError, and of another error its type alone: its message may hold note text."""
    return str(error) if isinstance(error, DeidError) else type(error).__name__
