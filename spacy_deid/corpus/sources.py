"""The source of a language's notes: a known public corpus or a site's own."""

from dataclasses import dataclass, fields, replace
from pathlib import Path

from spacy_deid.corpus.convert import BY_SUFFIX, format_name
from spacy_deid.corpus.split import SPLITS
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256_tree
from spacy_deid.lang.pack import pack_of

_TABLE = "corpus.toml"
CALIBRATION = "calibration"  # the folder below assets/LANG, and the name of the corpus
ASSETS = Path("assets")  # where `spacy project assets` puts what project.yml names


@dataclass(frozen=True)
class Attribution:
    """The origin of notes, which is recorded with everything that is made from them.

    ``made``: how they were made, if they are not about real patients.
    """

    name: str
    url: str
    citation: str
    licence: str
    made: str = ""


@dataclass(frozen=True)
class CorpusSource:
    """A corpus on disk: its format, and a file or folder for each of its splits.

    ``template_gold``: number of template-generated notes for train, if the source has no train. ``own``: whether it is
    a site's own corpus. ``calibration``: a folder of notes by a writer of no other notes, in inline markup, from which
    thresholds are chosen; None without one.
    """

    attribution: Attribution
    format: str
    group_pattern: str
    splits: dict[str, Path]
    template_gold: int = 0
    own: bool = False
    calibration: Path | None = None

    def described(self) -> str:
        """Return the origin of the training notes in words."""
        if self.own:
            return f"your corpus: {self.attribution.name}"
        if "train" in self.splits:
            return f"your corpus: none given; notes are those of {self.attribution.name}"
        return "your corpus: none given; notes are made from templates, with invented persons"

    def hashes(self) -> dict[str, str]:
        """Return one SHA-256 over the files of each split, and of the calibration notes."""
        parts = self.splits | ({CALIBRATION: self.calibration} if self.calibration else {})
        return {split: _sha256(path) for split, path in parts.items()}


def chosen_corpus(
    lang: str, *, own: Path | None = None, format: str = "", group_pattern: str = "", mirror: Path | None = None
) -> CorpusSource:
    """Return the site's own corpus if one is given, else the public one of the language.

    Args:
        lang: Language code.
        own: Folder or file, see `own_corpus`.
        format: Format of ``own``; by its suffix if empty.
        group_pattern: See `Intake`.
        mirror: Folder that holds public corpora, see `known_corpus`.
    """
    source = own_corpus(own, format, group_pattern) if own else known_corpus(lang, mirror)
    calibration = _place(f"{lang}/{CALIBRATION}", mirror)
    return replace(source, calibration=calibration if calibration.is_dir() else None)


def own_corpus(path: Path, format: str = "", group_pattern: str = "") -> CorpusSource:
    """Return a site's own corpus.

    Args:
        path: A folder that holds train (and dev, test) as brat folders or as files such as train.jsonl has its own
            splits. Any other folder or file is train.
        format: A format of `convert.FORMATS`; by the suffix if empty.
        group_pattern: See `Intake`.

    Raises:
        DeidError: ``path`` is absent, or a split is there twice, or train is missing.
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
    """Return the verified public corpus that the pack ``lang`` names in corpus.toml, in ``mirror`` or assets/.

    Raises DeidError if no corpus is known, if it is absent, or if its files differ from the published ones.
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
                "--mirror DIR that holds this folder; or give your own corpus by --corpus DIR --format brat."
            )
        if _sha256(folder) != expected["sha256"]:
            raise DeidError(
                f"{folder}: the files differ from the published {entry['name']} (wrong checksum). "
                f"Remedy: fetch it again from {entry['url'] or 'this repository'}, or pass an altered copy by --corpus."
            )
    attribution = Attribution(**{field.name: entry[field.name] for field in fields(Attribution) if field.name in entry})
    return CorpusSource(attribution, entry["format"], entry["group_pattern"], splits, entry.get("template_gold", 0))


def uses_public_notes(lang: str) -> bool:
    """Whether models of the language ``lang`` are also trained on template-generated notes."""
    return pack_of(lang).has(_TABLE) and bool(pack_of(lang).table(_TABLE).get("public", False))


def _place(folder: str, mirror: Path | None) -> Path:
    """Return the path of ``folder``: in the mirror or, even if there is a mirror, in assets/."""
    if mirror and (mirror / folder).is_dir():
        return mirror / folder
    return (ASSETS if (ASSETS / folder).is_dir() else mirror or ASSETS) / folder


def _sha256(path: Path) -> str:
    if path.is_file():
        return sha256_tree([path], path.parent)
    return sha256_tree((file for file in path.iterdir() if file.suffix in (".txt", ".ann", ".tsv")), path)
