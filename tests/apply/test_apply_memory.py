"""Memory does not grow with the number of documents.

SPACY_DEID_MANY_NOTES=100000 runs the promised size (minutes): within 200 MB of 1,000 notes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FEW = 1_000
MANY = int(os.environ.get("SPACY_DEID_MANY_NOTES", "2000"))
MOST_MEGABYTES = 200 if MANY >= 100_000 else 40

# the peak of a process and of those that it started
APPLY = """
import resource, sys
from spacy_deid.apply.run import apply
summary = apply(sys.argv[1], sys.argv[2], sys.argv[3], quiet=True)
assert not summary.failed and summary.documents == int(sys.argv[4])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def note(number: int) -> str:
    """Return a note with words of its own."""
    return f"Zutana kom ord{number}x den {number}\n"


def write_table(folder: Path, notes: int) -> None:
    with (folder / "notes.csv").open("w", encoding="utf8") as file:
        file.write("text\n")
        file.writelines(note(number) for number in range(notes))


def write_files(folder: Path, notes: int) -> None:
    for number in range(notes):
        (folder / f"{number:06d}.txt").write_text(note(number), "utf8")


def megabytes(model: Path, folder: Path, notes: int) -> float:
    command = [sys.executable, "-c", APPLY, str(model), str(folder), str(folder.with_name(f"out{notes}")), str(notes)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.parametrize("write", [write_table, write_files])
def test_memory_does_not_grow_with_the_notes(model, tmp_path, write):
    peaks = {}
    for notes in (FEW if MANY >= 100_000 else FEW // 4, MANY):
        folder = tmp_path / f"in{notes}"
        folder.mkdir()
        write(folder, notes)
        peaks[notes] = megabytes(model, folder, notes)
    few, many = peaks.values()
    assert many - few < MOST_MEGABYTES, f"peaks in MB by notes: {peaks}"
