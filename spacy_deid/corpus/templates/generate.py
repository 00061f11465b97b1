"""As many different notes as wanted, from one process or several."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from hashlib import blake2b
from itertools import count as numbers_from
from multiprocessing import get_context

from spacy_deid.corpus.note import Note
from spacy_deid.corpus.templates.maker import Draft, NoteMaker
from spacy_deid.corpus.templates.parse import Template, templates_of
from spacy_deid.corpus.templates.settings import Recipe
from spacy_deid.errors import DeidError

_CHUNK = 250  # notes that a process makes at a time
_MOST_TRIES = 20  # notes made for each one that is wanted, before giving up


def generate_notes(
    lang: str,
    count: int,
    seed: int,
    *,
    recipe: Recipe,
    templates: Sequence[Template] | None = None,
    corpus: str = "train",
    n_process: int = 1,
) -> Iterator[Note]:
    """Yield ``count`` annotated notes; a note's group is the name of its (first) template.

    ``templates``: the package's own unless given; ``corpus``: goes into the ids, and makes corpora of one seed differ.
    Note i depends on seed and i alone, whatever ``n_process`` is; a note that says what an earlier one says, or that is
    like ``recipe.repeats`` earlier ones but for values, digits and noise, is left out and the next number takes its
    place. Raises DeidError where the templates cannot meet a quota or do not yield so many different notes.
    """
    maker = NoteMaker(lang, seed, corpus, templates_of(lang) if templates is None else templates, recipe)
    drafts = _from_one_process(maker) if n_process == 1 else _from_processes(maker, n_process)
    yield from _different(drafts, count, recipe.repeats)


def _different(drafts: Iterable[Draft], count: int, repeats: int) -> Iterator[Note]:
    texts: set[bytes] = set()
    likenesses: Counter[bytes] = Counter()
    for tried, (note, likeness) in enumerate(drafts):
        if len(texts) == count:
            return
        if tried == _MOST_TRIES * count:
            raise DeidError(
                f"The templates yielded {len(texts)} different notes of {count} in {tried} tries. "
                "Remedy: ask for fewer notes, raise bootstrap.repeats, or write more variants and choices."
            )
        text = blake2b(note.text.encode(), digest_size=16).digest()
        if text not in texts and likenesses[likeness] < repeats:
            texts.add(text)
            likenesses[likeness] += 1
            yield note


def _from_one_process(maker: NoteMaker) -> Iterator[Draft]:
    return map(maker.draft, numbers_from())


def _from_processes(maker: NoteMaker, n_process: int) -> Iterator[Draft]:
    """Yield the drafts in their order; what was made ahead is dropped when the consumer has enough."""
    pool = ProcessPoolExecutor(n_process, mp_context=get_context("spawn"))
    ahead: deque[Future[list[Draft]]] = deque()
    try:
        for start in numbers_from(step=_CHUNK):
            ahead.append(pool.submit(maker.drafts, start, start + _CHUNK))
            if len(ahead) > 2 * n_process:
                yield from ahead.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
