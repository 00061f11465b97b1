"""A light pipeline that knows some names and numbers, and folders for inputs and outputs."""

import json
from pathlib import Path

import pytest
from spacy.language import Language

from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.lang.tokenization import fine_blank

PATTERNS = [
    *({"label": "NAME", "pattern": [{"ORTH": word}]} for word in ("Zutana", "Quiroga", "Bo")),
    {"label": "NAME", "pattern": [{"ORTH": "Zutana"}, {"ORTH": "Quiroga"}]},
    {"label": "DATE", "pattern": [{"TEXT": {"REGEX": "^(19|20)[0-9]{2}$"}}, *({"ORTH": x} for x in "-"), {}, {}, {}]},
    {"label": "ID", "pattern": [{"TEXT": {"REGEX": "^[0-9]{6}$"}}, {"ORTH": "-"}, {"TEXT": {"REGEX": "^[0-9]{4}$"}}]},
    {"label": "UNHEARD_OF", "pattern": [{"ORTH": "Plonk"}]},
]
NOTE = 'Zutana Quiroga, 780412-1234, inskriven 2023-04-12.\r\nHon mår bra; Bo "hälsar på".\n'
MASKED = '[NAME], [ID], inskriven [DATE].\r\nHon mår bra; [NAME] "hälsar på".\n'


def light_pipeline() -> Language:
    """Return a pipeline that finds in a text what is in PATTERNS, and no repetition of it in another case."""
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS)
    return nlp


@pytest.fixture
def nlp() -> Language:
    return light_pipeline()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the light pipeline."""
    path = tmp_path_factory.mktemp("model")
    light_pipeline().to_disk(path)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """An empty folder for inputs."""
    path = tmp_path / "in"
    path.mkdir()
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where a folder of outputs may be made."""
    return tmp_path / "out"


@pytest.fixture
def applied(nlp: Language, source: Path, tmp_path: Path):
    """Applies the light pipeline to a file of ``source`` and returns the bytes of what it wrote into ``tmp_path``."""

    def process(name: str, **options: object) -> bytes:
        summary = apply(nlp, source / name, tmp_path / name, Settings(**options), quiet=True)
        assert summary.failed == []
        return (tmp_path / name).read_bytes()

    return process


@pytest.fixture
def note() -> tuple[str, str]:
    """A note, and what masks make of it."""
    return NOTE, MASKED


@pytest.fixture
def failures():
    """Reads a manifest's failures, document -> reason."""

    def read(manifest: Path) -> dict[str, str]:
        return {each["document"]: each["reason"] for each in json.loads(manifest.read_text("utf8"))["failed"]}

    return read


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "deid.key"
    path.write_text("5e" * 32, "ascii")
    return str(path)
