"""A manifest tells whether outputs are still as a stage wrote them; where it is damaged, the stage runs again."""

from importlib.metadata import version
from pathlib import Path

import pytest

from spacy_deid.files import sha256, write_json
from spacy_deid.manifest import MANIFEST, hashes, read_manifest, unchanged, versions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "train.spacy"
    path.write_bytes(b"notes")
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_json(tmp_path / MANIFEST, {"inputs": {"seed": 1}})
    assert read_manifest(tmp_path / MANIFEST) == {"inputs": {"seed": 1}}


@pytest.mark.parametrize("damaged", [b"", b"{", b"[1]", b"\xff"])
def test_a_damaged_manifest_counts_as_none(damaged: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(damaged)
    assert read_manifest(tmp_path / MANIFEST) == {}


def test_an_absent_manifest_counts_as_none(file: Path) -> None:
    assert read_manifest(file.parent / MANIFEST) == read_manifest(file / MANIFEST) == {}


def test_files_that_exist_are_hashed_by_name(file: Path) -> None:
    assert hashes([file, file.parent / "dev.spacy"]) == {"train.spacy": sha256(file)}


def test_a_file_that_was_changed_or_removed_is_noticed(file: Path) -> None:
    written = hashes([file])
    assert unchanged(file.parent, written)
    file.write_bytes(b"other notes")
    assert not unchanged(file.parent, written)
    file.unlink()
    assert not unchanged(file.parent, written)


def test_versions_are_those_installed() -> None:
    assert versions("spacy") == {"spacy": version("spacy")}
