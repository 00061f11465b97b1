"""Where the notes of a language come from: a known public corpus or a site's own."""

from dataclasses import dataclass, fields
from pathlib import Path

from spacy_deid.corpus.convert import BY_SUFFIX, format_name
from spacy_deid.corpus.split import SPLITS
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256_tree
from spacy_deid.lang.pack import pack_of

_TABLE = "corpus.toml"
ASSETS = Path("assets")  # where `spacy project assets` puts what project.yml names


@dataclass(frozen=True)
class Attribution:
    """Whose notes these are; travels with everything that is made of them.

    ``made``: how they came about, where they are not of real patients.
    """

    name: str
    url: str
    citation: str
    licence: str
    made: str = ""


@dataclass(frozen=True)
class CorpusSource:
    """A corpus on disk: its format, and a file or folder for train and each other split that it brings.

    ``template_gold``: notes to make of templates for train, where the source brings none. ``own``: a site's own corpus.
    """

    attribution: Attribution
    format: str
    group_pattern: str
    splits: dict[str, Path]
    template_gold: int = 0
    own: bool = False

    def described(self) -> str:
        """Return in words where the notes to train on come from."""
        if self.own:
            return f"your corpus: {self.attribution.name}"
        if "train" in self.splits:
            return f"your corpus: none given; notes are those of {self.attribution.name}"
        return "your corpus: none given; notes are made from templates, with invented persons"

    def hashes(self) -> dict[str, str]:
        """Return for each split one SHA-256 over its files."""
        return {split: _sha256(path) for split, path in self.splits.items()}


def chosen_corpus(
    lang: str, *, own: Path | None = None, format: str = "", group_pattern: str = "", mirror: Path | None = None
) -> CorpusSource:
    """Return the site's ``own`` corpus where one is given, else the public one of the language."""
    return own_corpus(own, format, group_pattern) if own else known_corpus(lang, mirror)


def own_corpus(path: Path, format: str = "", group_pattern: str = "") -> CorpusSource:
    """Return a site's own corpus at ``path``.

    A folder with ``train`` (and ``dev``, ``test``) within, folders for brat or files such as train.jsonl for
    the rest, brings its own splits. Anything else is taken as train alone. Raises DeidError where ``path`` is
    absent.
    """
    if not path.exists():
        raise DeidError(f"The corpus {path} does not exist. Remedy: correct --corpus.")
    splits = {}
    for split in SPLITS:
        found = [place for suffix in ("", *BY_SUFFIX) if (place := path / f"{split}{suffix}").exists()]
        if len(found) > 1:
            raise DeidError(f"{path} holds more than one {split}: {found[0].name}, {found[1].name}. Remedy: keep one.")
        if found:
            splits[split] = found[0]
    if splits and "train" not in splits:
        raise DeidError(f"{path} holds {' and '.join(splits)} but no train. Remedy: add it.")
    splits = splits or {"train": path}
    attribution = Attribution(name=path.name, url="", citation="", licence="the owner's own")
    return CorpusSource(attribution, format_name(splits["train"], format), group_pattern, splits, own=True)


def known_corpus(lang: str, mirror: Path | None = None) -> CorpusSource:
    """Return the public corpus that the pack ``lang`` names in corpus.toml, verified, below ``mirror`` or assets/.

    Raises DeidError where none is known, where it is not there, and where its files are not the expected
    ones.
    """
    if not pack_of(lang).has(_TABLE):
        raise DeidError(f"No public corpus is known for {lang!r}. Remedy: give your own, --corpus DIR --format brat.")
    entry = pack_of(lang).table(_TABLE)
    splits = {}
    for split, expected in entry["splits"].items():
        splits[split] = folder = _place(expected["folder"], mirror)
        if not folder.is_dir():
            raise DeidError(
                f"{folder} is missing. Remedy: run `python -m spacy project assets`; without network, give "
                "--mirror DIR with this folder in it; or give your own corpus by --corpus DIR --format brat."
            )
        if _sha256(folder) != expected["sha256"]:
            raise DeidError(
                f"{folder}: the files differ from the published {entry['name']} (wrong checksum). "
                f"Remedy: fetch it again from {entry['url'] or 'this repository'}, or pass an altered copy by --corpus."
            )
    attribution = Attribution(**{field.name: entry[field.name] for field in fields(Attribution) if field.name in entry})
    return CorpusSource(attribution, entry["format"], entry["group_pattern"], splits, entry.get("template_gold", 0))


def uses_public_notes(lang: str) -> bool:
    """Whether models of the language ``lang`` are trained on notes made of its templates too."""
    return pack_of(lang).has(_TABLE) and bool(pack_of(lang).table(_TABLE).get("public", False))


def _place(folder: str, mirror: Path | None) -> Path:
    """Return where ``folder`` lies: in the mirror, or in assets/, which may hold it even then."""
    if mirror and (mirror / folder).is_dir():
        return mirror / folder
    return (ASSETS if (ASSETS / folder).is_dir() else mirror or ASSETS) / folder


def _sha256(path: Path) -> str:
    if path.is_file():
        return sha256_tree([path], path.parent)
    return sha256_tree((file for file in path.iterdir() if file.suffix in (".txt", ".ann", ".tsv")), path)
