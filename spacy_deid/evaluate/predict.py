"""Running a pipeline over raw texts, timed."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from spacy.language import Language
from tqdm import tqdm

from spacy_deid.extensions import CharSpan

BATCH_SIZE = 16  # notes: a transformer pads and holds a batch at once


class Speed(NamedTuple):
    """Wall time of the whole pipeline, tokenizer and warm-up included; words are split at white space."""

    seconds: float
    characters_per_second: float
    words_per_second: float


def predict(nlp: Language, texts: Sequence[str], quiet: bool = False) -> tuple[list[list[CharSpan]], Speed]:
    """Return the entities that ``nlp`` finds in each text, on characters, and how fast.

    The pipeline sees raw text and never a gold Doc, so neither gold tokens nor gold entities can help it.
    """
    start = time.perf_counter()
    docs = nlp.pipe(texts, batch_size=BATCH_SIZE)
    spans = [
        [CharSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]
        for doc in tqdm(docs, total=len(texts), desc="evaluate", unit="note", disable=quiet)
    ]
    seconds = time.perf_counter() - start
    characters = sum(map(len, texts))
    words = sum(len(text.split()) for text in texts)
    return spans, Speed(seconds, characters / seconds, words / seconds)
