"""The embedded models: weights from pip packages, converted once to Hugging Face directories."""

import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from tqdm import tqdm

from spacy_deid.files import replaced_directory, write_json, write_text
from spacy_deid.manifest import MANIFEST, hashes, read_manifest, unchanged, versions
from spacy_deid.models.encoder import convert_encoder
from spacy_deid.models.gemma import convert_lm
from spacy_deid.models.sources import PinnedSource, check_sha256, source, vocabulary_languages
from spacy_deid.models.vocabulary import check_languages, common_words, written_forms

# more pieces cost the encoder memory but no time, as it only looks them up; the LM computes with each at each step
ENCODER_WORDS_FACTOR = 4
FORMAT = 1  # raise it when the conversion changes, so that earlier results are made again
TOOLS = ("spacy-deid", "torch", "transformers", "tokenizers", "wordfreq")


class Converted(NamedTuple):
    """The outcome of one conversion."""

    directory: Path
    manifest: dict[str, Any]
    fresh: bool  # False if an earlier result was current


def convert(
    model: str, out: Path, words: int | None, languages: Sequence[str] = (), *, quiet: bool = False
) -> Converted:
    """Make an embedded model unless it exists already.

    Args:
        model: "encoder" or "lm".
        out: The model's directory is ``out`` / ``model``.
        words: Number of commonest words of each language whose pieces are kept (four times as many for the encoder);
            None keeps the LM's whole vocabulary, for comparisons.
        languages: ISO 639-1 codes, by default those of sources.toml; the encoder also keeps those of ``encoder_too``.
        quiet: Show no progress bar.

    Raises:
        DeidError: A package is absent, a checksum is wrong, or a language is unknown.
    """
    languages = languages or vocabulary_languages()["languages"]
    check_languages(languages)
    if model == "encoder" and words is not None:
        words *= ENCODER_WORDS_FACTOR
        languages = [*languages, *(extra for extra in vocabulary_languages()["encoder_too"] if extra not in languages)]
    made_of = inputs(source(model), words, tuple(languages))
    directory = out / model
    fresh = not is_current(directory, made_of)
    if fresh:
        forms = None if words is None else _forms(languages, words)
        with replaced_directory(directory, MANIFEST) as work:
            _make(model, forms, made_of, work, quiet)
    return Converted(directory, read_manifest(directory / MANIFEST), fresh)


def _forms(languages: Sequence[str], words: int) -> list[str]:
    return list(dict.fromkeys(form for lang in languages for form in written_forms(common_words(lang, words))))


def _make(model: str, forms: list[str] | None, made_of: dict[str, Any], work: Path, quiet: bool) -> None:
    started = time.monotonic()
    origin = source(model)
    watched = None if forms is None else tqdm(forms, desc=f"{model}: words", unit=" words", disable=quiet)
    counts = (
        _make_encoder(origin, watched or (), work) if model == "encoder" else _make_lm(origin, watched, work, quiet)
    )
    for licence in origin.licences:
        shutil.copyfile(licence.verified(), work / licence.name)
    notice = files("spacy_deid.models").joinpath("notices", f"{model}.txt").read_text("utf8")
    write_text(work / "NOTICE", notice, 0o644)
    for file in work.iterdir():
        file.chmod(0o644)
    write_manifest(work, origin, made_of, counts, time.monotonic() - started)


def _make_encoder(origin: PinnedSource, forms: Iterable[str], work: Path) -> dict[str, int]:
    weights, tokenizer = (file.verified() for file in origin.files)
    return convert_encoder(weights, tokenizer, forms, work)


def _make_lm(origin: PinnedSource, forms: Iterable[str] | None, work: Path, quiet: bool) -> dict[str, int]:
    parts = [file.verified() for file in origin.files]
    with tempfile.TemporaryDirectory(dir=work.parent) as folder:
        gguf = Path(folder) / "model.gguf"
        _join(parts, gguf)
        check_sha256(gguf, origin.whole_sha256, "Remedy: report this, for every part of it is right.")
        return convert_lm(gguf, forms, work, quiet=quiet)


def _join(parts: Iterable[Path], whole: Path) -> None:
    with whole.open("wb") as target:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, target)


def inputs(origin: PinnedSource, words: int | None, languages: tuple[str, ...]) -> dict[str, Any]:
    """Return everything that the result depends on; with equal inputs, no second run is necessary.

    Args:
        origin: Source of the model.
        words: Number of commonest words of each language whose pieces are kept; None for all pieces.
        languages: ISO 639-1 codes.
    """
    return {
        "format": FORMAT,
        "sha256": origin.checksums(),
        "words": words,
        "languages": list(languages),
        "wordfreq": version("wordfreq"),
    }


def write_manifest(
    directory: Path, origin: PinnedSource, made_of: dict[str, Any], counts: dict[str, int], seconds: float
) -> None:
    """Write the manifest of the files in a directory.

    Args:
        directory: Directory of the converted model.
        origin: Source of the model.
        made_of: See `inputs`.
        counts: Numbers of pieces and parameters.
        seconds: Duration of the conversion.
    """
    value = {
        "model": origin.name,
        "url": origin.url,
        "licence": origin.licence,
        "inputs": made_of,
        "counts": counts,
        "versions": versions(*TOOLS),
        "seconds": round(seconds, 1),
        "files": hashes(sorted(directory.iterdir())),
    }
    write_json(directory / MANIFEST, value)


def is_current(directory: Path, made_of: dict[str, Any]) -> bool:
    """Whether the directory holds the unchanged result of a conversion of the same inputs."""
    manifest = read_manifest(directory / MANIFEST)
    files = manifest.get("files")
    return manifest.get("inputs") == made_of and isinstance(files, dict) and unchanged(directory, files)
