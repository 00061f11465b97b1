"""Digits in the form of others."""


def pour(digits: str, form: str) -> str:
    """Return ``form``, which has as many digits as ``digits``, with these in the place of its own."""
    rest = iter(digits)
    return "".join(next(rest) if character.isdecimal() else character for character in form)
