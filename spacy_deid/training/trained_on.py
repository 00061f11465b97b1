"""What a pipeline was trained on, as it tells itself: the SHA-256 of the files, no name and no text of them."""

from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_deid.files import sha256
from spacy_deid.training.chain import NlpCallback

TRAINED_ON = "deid_trained_on"  # in the pipeline's meta.json


def make_trained_on() -> NlpCallback:
    """Return the callback ``deid.TrainedOn.v1`` for ``[initialize.before_init]``.

    It writes into the pipeline's metadata, for each block of ``[corpora]``, the hashes of the files that the block
    names, before a note of them is read. `deid release` compares them with the notes that were audited.
    """

    def tell(nlp: Language) -> Language:
        corpora = nlp.config.interpolate()["corpora"]
        nlp.meta[TRAINED_ON] = {name: _hashes(settings) for name, settings in corpora.items()}
        return nlp

    return tell


def _hashes(settings: dict[str, Any]) -> list[str]:
    values = [value for name, value in settings.items() if name != "@readers" and isinstance(value, str | Path)]
    return sorted({sha256(file) for value in values for file in _files(Path(value))})


def _files(path: Path) -> list[Path]:
    """Return a file, or all that lie in a folder; none where nothing of that name is there, which the reader tells."""
    return [file for file in (path, *path.rglob("*")) if file.is_file()]
