"""Readers of corpora for the ``[corpora]`` blocks of training configs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import ensure_path, registry

from spacy_deid.errors import DeidError

Augmenter: TypeAlias = Callable[[Language, Example], Iterator[Example]]


@registry.readers("deid.WithPublic.v1")
def create_with_public(
    path: Path, public: Path | None = None, copies: int = 1, augmenter: Augmenter | None = None
) -> Callable[[Language], Iterator[Example]]:
    """Return the reader ``deid.WithPublic.v1`` of a corpus file and, if given, public notes.

    Public notes, such as those of `deid templates`, hold no real person, so that any model may be trained on them.

    Args:
        path: Corpus file.
        public: Corpus file of public notes; None for none.
        copies: Number of times that each note of ``path`` is read, at least 1, so that a few notes are not lost among
            many public ones.
        augmenter: Makes every copy but the first, which is the note itself; for example ``deid.Refill.v1``.

    Raises:
        DeidError: ``copies`` is below 1.
    """
    if copies < 1:
        raise DeidError(f"deid.WithPublic.v1: copies is {copies}; it must be at least 1.")

    def read(nlp: Language) -> Iterator[Example]:
        for copy in range(copies):
            yield from Corpus(ensure_path(path), augmenter=augmenter if copy else None)(nlp)
        if public is not None:
            yield from Corpus(ensure_path(public))(nlp)

    return read
