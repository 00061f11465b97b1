"""Readers of corpora for the ``[corpora]`` blocks of training configs."""

from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.training import Corpus, Example
from spacy.util import ensure_path, registry


@registry.readers("deid.WithPublic.v1")
def create_with_public(path: Path, public: Path | None = None) -> Callable[[Language], Iterator[Example]]:
    """Read the corpus file ``path`` and, where one is named, ``public``, whose notes hold no real person.

    Public notes, such as `deid bootstrap` makes from templates, need not be kept from any model.
    """

    def read(nlp: Language) -> Iterator[Example]:
        for file in filter(None, (path, public)):
            yield from Corpus(ensure_path(file))(nlp)

    return read
