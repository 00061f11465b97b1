"""Checks of numbers with the same form in every language: str -> bool, on the span's text."""

import ipaddress
import re

from stdnum import iban

_MAC = re.compile(r"[\dA-F]{2}(?:[:-][\dA-F]{2}){5}", re.IGNORECASE)


def is_ip_address(text: str) -> bool:
    """Whether four numbers between dots are an IPv4 address, possibly with leading zeros."""
    return _is_address(".".join(part.lstrip("0") or "0" for part in text.split(".")))


def is_mac_or_ipv6_address(text: str) -> bool:
    """Whether hexadecimal digits are a MAC address or an IPv6 address."""
    return _MAC.fullmatch(text) is not None or _is_address(text)


def is_iban(text: str) -> bool:
    """Whether the check digits of an International Bank Account Number fit."""
    return iban.is_valid("".join(filter(str.isalnum, text)).upper())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
