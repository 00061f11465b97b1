"""Folders of notes, before `apply` and after it."""

from pathlib import Path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return all files but hidden ones and the manifest."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".deid-apply" not in path.parts]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.name != "deid-manifest.json"
    }


def write_notes(source: Path, notes: int) -> None:
    for number in range(notes):
        (source / f"{number}.txt").write_text(f"Zutana ringde {number} om 780412-{1000 + number}.", "utf8")
    rows = [f"{number},Bo sov {number} timmar\n" for number in range(2 * notes)]
    (source / "rows.csv").write_text("id,text\n" + "".join(rows), "utf8")
