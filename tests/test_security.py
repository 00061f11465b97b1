"""SECURITY.md claims nothing that no test shows."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
TEXT = (REPOSITORY / "SECURITY.md").read_text("utf8")
NAMED = re.findall(r"`(tests/[\w/.]+)::(test_\w+)`", TEXT)


def test_every_promise_names_a_test() -> None:
    promises = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(promises) > 20
    assert [line for line in promises if "::test_" not in line] == []


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_the_test_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (REPOSITORY / file).read_text("utf8")
