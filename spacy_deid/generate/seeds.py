"""Seeds: the first words of held-out notes, each to be continued many times.

The prefix mode is the one of Vakili, Henriksson and Dalianis 2025 (arXiv 2502.14677), save the stop at identifiers. The
slots mode takes the first words of held-out notes too, with slots for their identifiers: they tell the kinds of notes
that there are, and name nobody.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import spacy
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_deid import markup
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.extensions import char_spans
from spacy_deid.generate.modes import Mode, require_annotation, text_of


def write_seeds(
    held_out: Path,
    output: Path,
    *,
    words: int,
    samples: int,
    volume: int | None = None,
    original: Path | None = None,
    limit: int | None = None,
    seed: int = 0,
    keep_identifiers: bool = False,
    mode: Mode = "prefix",
    lang: str = "",
) -> tuple[int, int]:
    """Write the seeds of a corpus file's notes; return how many there are, and of how many notes.

    Args:
        held_out: Corpus file of annotated notes that no model was trained on.
        output: Corpus file for the seeds.
        words: See `make_seeds`, as for the arguments that are not listed here.
        samples: Seeds a note, from 1, where no ``volume`` is given.
        volume: Seeds in all, in per cent of the notes of ``original``, from 1.
        original: Corpus file that ``volume`` refers to.
        limit: The most seeds to write.

    Raises:
        DeidError: One of ``volume`` and ``original`` is given without the other; see also `make_seeds`.
    """
    if (volume is None) != (original is None):
        message = "--volume and --original belong together: a share, and the corpus that it is a share of."
        raise DeidError(message)
    vocab = Vocab()
    notes = list(read_docs(held_out, vocab))
    if volume is not None and original is not None:
        samples, total = samples_for_volume(volume, len(list(read_docs(original, vocab))), len(notes))
        limit = min(total, limit or total)
    seeds = make_seeds(
        notes, words=words, samples=samples, seed=seed, keep_identifiers=keep_identifiers, mode=mode, lang=lang
    )
    docs = list(islice(seeds, limit))
    write(docs, output)
    return len(docs), len(notes)


def samples_for_volume(volume: int, original: int, prompts: int) -> tuple[int, int]:
    """Return (samples a prompt, notes in all) for a corpus of ``volume`` per cent of ``original`` notes.

    Rounds up. Raises DeidError where any of the numbers is below 1.
    """
    if volume < 1 or original < 1 or prompts < 1:
        raise DeidError(f"A volume of {volume} % of {original} notes from {prompts} prompts: each must be at least 1.")
    notes = -(-volume * original // 100)
    return -(-notes // prompts), notes


def prefix(note: Doc, words: int, keep_identifiers: bool = False) -> str:
    """Return the note's text up to the end of its first ``words`` words (runs without white space).

    Unless ``keep_identifiers``, it ends before the first annotated identifier, if that comes earlier, and may
    then be empty.
    """
    opening = first_words(note.text, words)
    if keep_identifiers:
        return opening
    return opening[: min([len(opening), *(span.start for span in char_spans(note))])].rstrip()


def first_words(text: str, words: int) -> str:
    """Return the text up to the end of its first ``words`` runs without white space."""
    ends = [match.end() for match in islice(re.finditer(r"\S+", text), words)]
    return text[: ends[-1]] if ends else ""


def make_seeds(
    held_out: Sequence[Doc],
    *,
    words: int,
    samples: int,
    seed: int = 0,
    keep_identifiers: bool = False,
    mode: Mode = "prefix",
    lang: str = "",
) -> Iterator[Doc]:
    """Yield ``samples`` seed Docs for each held-out note: sample 0 of all notes, then sample 1, and so on.

    A seed Doc's text is what the model continues; ``deid_meta`` holds "mode", "prompt", "sample" and the sample's own
    "seed". Prompts are numbered, since a note's own id may be a record number and the synthetic notes will carry these.

    Args:
        held_out: Annotated notes, unless ``keep_identifiers``.
        words: Words of a note that make a prompt, from 1.
        samples: Seeds a note, from 1.
        seed: The samples' own seeds are made of it, of the prompt and of the sample.
        keep_identifiers: Keep identifiers within the first words, in the mode "prefix" alone.
        mode: What the language model was adapted to, see `modes.text_of`.
        lang: Language of the notes, for the mode "slots".

    Raises:
        DeidError: There is no note, a number is below 1, a note has no annotation so that nobody knows its identifiers,
            or ``keep_identifiers`` is given in another mode.
    """
    if not held_out:
        message = "There is no held-out note to take prompts from. Remedy: check the split of the corpus."
        raise DeidError(message)
    if words < 1 or samples < 1:
        raise DeidError(f"words is {words} and samples is {samples}; both must be at least 1.")
    if keep_identifiers and mode != "prefix":
        raise DeidError(f"Seeds of the mode {mode!r} cannot keep identifiers. Remedy: leave out --keep-identifiers.")
    if not keep_identifiers:
        require_annotation(held_out)
    blank = spacy.blank("xx")
    prefixes = [_opening(note, words, keep_identifiers, mode, lang) for note in held_out]
    for sample in range(samples):
        for number, text in enumerate(prefixes):
            prompt = f"p{number:05d}"
            doc = blank.make_doc(text)
            doc._.deid_id = f"{prompt}-{sample:04d}"
            doc._.deid_group = prompt
            doc._.deid_meta = {
                "mode": mode,
                "prompt": prompt,
                "sample": sample,
                "seed": sample_seed(seed, prompt, sample),
            }
            yield doc


def is_seed(doc: Doc) -> bool:
    """Tell whether a Doc is one that ``make_seeds`` made, not a note."""
    return "seed" in (doc._.deid_meta or {})


def sample_seed(seed: int, prompt: str, sample: int) -> int:
    """Return the seed of one sample, from 0 to 2**31 - 1: the same on every machine."""
    digest = hashlib.sha256(f"{seed}/{prompt}/{sample}".encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def _opening(note: Doc, words: int, keep_identifiers: bool, mode: Mode, lang: str) -> str:
    if mode == "slots":
        return first_words(text_of(note, mode, lang), words)
    opening = prefix(note, words, keep_identifiers)
    return markup.render(opening, []) if mode == "inline" else opening
