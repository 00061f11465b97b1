"""Texts that are too long for a model: read in windows, which are joined before the rules for whole documents."""

import re

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.annotate.known import Known

LONGEST = 25_000  # characters; deid_sv needs about 200 MB for them, and 700 MB for 100,000
_KEPT = ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID")
_WHOLE_DOCUMENT = "deid_merge"  # finds the repetitions of a name in the whole document
# best first: between paragraphs, lines, sentences, words
_BOUNDARIES = tuple(re.compile(boundary) for boundary in (r"\n[^\S\n]*\n", r"\n|\r", r"[.!?]\s", r"\s"))


def windows(text: str, longest: int) -> list[str]:
    """Cut a text into pieces of at most ``longest`` characters, each at the best boundary in its last half.

    Every character is in one piece. A word is cut only if half a window has no white space.
    """
    pieces: list[str] = []
    start = 0
    while len(text) - start > longest:
        end = _boundary(text, start + longest // 2, start + longest)
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def read_long(nlp: Language, text: str, known: list[Known] | None, longest: int) -> Doc:
    """Return the Doc of a long text.

    Components from ``deid_merge`` on see the whole document, those before it one window at a time. The entities, the
    spans and their extension attributes are kept. Tensors and other attributes of millions of tokens would take most of
    the memory.

    Args:
        nlp: The pipeline.
        text: The text.
        known: See ``doc._.deid_known``.
        longest: The greatest number of characters in a window.

    Raises:
        ValueError: The tokenizer changes the text.
    """
    names = nlp.pipe_names
    whole = next((place for place, name in enumerate(names) if _factory(nlp, name) == _WHOLE_DOCUMENT), len(names))
    made: list[Doc] = []
    with nlp.select_pipes(enable=names[:whole]):
        for piece in windows(text, longest):
            window = nlp.make_doc(piece)
            window._.deid_known = known
            made.append(nlp(window))
            made[-1].tensor = np.zeros((0,))
    for window in made:
        # of the window only; spaCy would warn that the whole Doc lacks it
        window.user_data = {key: value for key, value in window.user_data.items() if key[2] is not None}
    read = Doc.from_docs(made, ensure_whitespace=False, attrs=list(_KEPT))
    if read is None or read.text != text:
        msg = "The windows of a long text do not give it when joined: the tokenizer changes the text."
        raise ValueError(msg)
    for _, component in nlp.pipeline[whole:]:
        read = component(read)
    return read


def _factory(nlp: Language, name: str) -> str:
    return str(nlp.get_pipe_meta(name).factory)


def _boundary(text: str, start: int, end: int) -> int:
    for boundary in _BOUNDARIES:
        found = [match.end() for match in boundary.finditer(text, start, end)]
        if found:
            return found[-1]
    return end
