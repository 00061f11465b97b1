"""The one kind of error a user is meant to read."""


class DeidError(Exception):
    """Something the user can mend: says what, which value and the remedy, and never holds note text.

    The command line prints it as one line and exits with 1.
    """
