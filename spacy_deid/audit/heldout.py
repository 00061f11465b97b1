"""Which of a corpus' notes the language model never saw, and are of its members' kind."""

from pathlib import Path

import srsly
from spacy.vocab import Vocab

from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.generate.modes import Mode, text_of


def heldout_of(path: Path) -> Path:
    """Return ``path`` itself, or for a folder that `deid corpus` made the file in it to compare members with.

    That is test: held-out notes gave the prompts, or their first words. Where train was made of templates and people
    wrote test, the phrases of the templates would seem to be copied from the members: there it is dev, made of
    templates too. Raises DeidError for a folder without the manifest of `deid corpus`.
    """
    if not path.is_dir():
        return path
    try:
        made = srsly.read_json(path / "manifest.json")["inputs"]["source"]["made"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DeidError(
            f"{path} is no folder of `deid corpus` ({type(error).__name__}). Remedy: give the .spacy file itself."
        ) from error
    return path / ("dev.spacy" if made else "test.spacy")


def members_and_heldout(members: Path, heldout: Path, mode: Mode, lang: str) -> tuple[list[str], list[str]]:
    """Return the texts of either side, as a language model of that mode sees them (see `text_of`).

    Held-out notes of patients who are members too are left out.
    """
    ours, theirs = (list(read_docs(path, Vocab())) for path in (members, heldout))
    known = {doc._.deid_group for doc in ours} - {""}
    apart = [doc for doc in theirs if doc._.deid_group not in known]
    return [text_of(doc, mode, lang) for doc in ours], [text_of(doc, mode, lang) for doc in apart]
