"""The towns of a country."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Town:
    """A town with its region, the first digits of its postcodes and its area code."""

    name: str
    region: str
    postal: str
    area: str
