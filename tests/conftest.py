"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder laid out as `--vars.mirror` wants it; real corpora are not part of this repository."""
    folder = Path(os.environ.get("SPACY_DEID_MIRROR", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "meddocan").is_dir():
        pytest.skip("MEDDOCAN is not at hand: set SPACY_DEID_MIRROR to a folder that holds meddocan/corpus")
    return folder


@pytest.fixture(scope="session")
def meddocan(mirror: Path) -> Path:
    """MEDDOCAN's corpus folder, with train/brat and dev/brat."""
    return mirror / "meddocan" / "corpus"
