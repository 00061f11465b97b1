"""Texts too long for a model at once: read in windows, and put together before the rules of a whole document."""

import re

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from spacy_deid.annotate.known import Known

LONGEST = 25_000  # characters; deid_sv needs about 200 MB for them, and 700 MB for 100,000
_KEPT = ("ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID")
_WHOLE_DOCUMENT = "deid_merge"  # finds a name again wherever in the document it stands
# best first: between paragraphs, lines, sentences, words
_BOUNDARIES = tuple(re.compile(boundary) for boundary in (r"\n[^\S\n]*\n", r"\n|\r", r"[.!?]\s", r"\s"))


def windows(text: str, longest: int) -> list[str]:
    """Cut a text into pieces of at most ``longest`` characters, in the last half of each at the best boundary there is.

    Every character is in one piece. Only where half a window has no white space is a word cut.
    """
    pieces: list[str] = []
    start = 0
    while len(text) - start > longest:
        end = _boundary(text, start + longest // 2, start + longest)
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]


def read_long(nlp: Language, text: str, known: list[Known] | None, longest: int) -> Doc:
    """Return what ``nlp`` makes of a text. known: as of ``doc._.deid_known``.

    Components from ``deid_merge`` on see the whole document, those before it a window at a time. Of what these found,
    the entities, the spans and what extensions say of them are kept: tensors and further attributes of millions of
    tokens would take most of the memory.
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
        # of the window alone; spaCy would warn that it is not in the whole
        window.user_data = {key: value for key, value in window.user_data.items() if key[2] is not None}
    read = Doc.from_docs(made, ensure_whitespace=False, attrs=list(_KEPT))
    if read is None or read.text != text:
        msg = "The windows of a long text do not add up to it: the tokenizer changes the text."
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
