"""Memory does not grow with the number of documents.

SPACY_DEID_MANY_NOTES=100000 runs the promised size (minutes): within 200 MB of 1,000 notes.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MANY = int(os.environ.get("SPACY_DEID_MANY_NOTES", "2000"))
FEW = 1_000 if MANY >= 100_000 else 250
MOST_MEGABYTES = 200 if MANY >= 100_000 else 40

# the peak of a process after a run over a few notes, and after one over many
APPLY = """
import resource, sys
from pathlib import Path
from spacy_deid.apply.run import apply
model, folder, *sizes = sys.argv[1:]
for notes in sizes:
    summary = apply(model, Path(folder, "in" + notes), Path(folder, "out" + notes), quiet=True)
    assert not summary.failed and summary.documents == int(notes)
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


@pytest.mark.slow
@pytest.mark.parametrize("write", [write_table, write_files])
def test_memory_does_not_grow_with_the_notes(model, tmp_path, write):
    for notes in (FEW, MANY):
        folder = tmp_path / f"in{notes}"
        folder.mkdir()
        write(folder, notes)
    command = [sys.executable, "-c", APPLY, str(model), str(tmp_path), str(FEW), str(MANY)]
    few, many = map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert many - few < MOST_MEGABYTES, f"peaks in MB: {few} for {FEW} notes, {many} for {MANY}"
