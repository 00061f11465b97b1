"""Seeds: the first words of held-out notes, which the language model continues many times.

The mode "prefix" is that of Vakili, Henriksson and Dalianis 2025 (arXiv 2502.14677), except that it stops at
identifiers. The mode "slots" has slots for the identifiers in these words: they show the kinds of notes without names.
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
    """Write the seeds of the notes in a corpus file; return the numbers of seeds and of notes.

    Args:
        held_out: Corpus file of annotated notes that no model was trained on.
        output: Corpus file for the seeds.
        words: See `make_seeds`, as for the arguments that are not listed here.
        samples: Seeds for each note, at least 1; ignored if ``volume`` is given.
        volume: Total number of seeds in per cent of the notes of ``original``, at least 1.
        original: Corpus file that ``volume`` refers to.
        limit: Maximum number of seeds.

    Raises:
        DeidError: One of ``volume`` and ``original`` is given without the other; see also `make_seeds`.
    """
    if (volume is None) != (original is None):
        message = "Only one of --volume and --original is given. Remedy: give both or none."
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
    """Return the samples for each prompt and the total number of notes, both rounded up.

    Args:
        volume: Size of the corpus in per cent of ``original``, at least 1.
        original: Number of original notes, at least 1.
        prompts: Number of prompts, at least 1.

    Raises:
        DeidError: A number is below 1.
    """
    if volume < 1 or original < 1 or prompts < 1:
        raise DeidError(f"A volume of {volume} % of {original} notes from {prompts} prompts: each must be at least 1.")
    notes = -(-volume * original // 100)
    return -(-notes // prompts), notes


def prefix(note: Doc, words: int, keep_identifiers: bool = False) -> str:
    """Return the note's text up to the end of its first ``words`` words (runs without white space).

    Unless ``keep_identifiers``, it ends before the first annotated identifier and may be empty.
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

    The text of a seed Doc is the beginning of a note; ``deid_meta`` holds "mode", "prompt", "sample" and the sample's
    own "seed". Prompts are numbered, because synthetic notes get their ids and a note's own id may be a record number.

    Args:
        held_out: Annotated notes, unless ``keep_identifiers``.
        words: Words of a prompt, at least 1.
        samples: Seeds for each note, at least 1.
        seed: A sample's own seed depends on it, on the prompt and on the sample.
        keep_identifiers: Keep identifiers within the first words; only in the mode "prefix".
        mode: The mode that the language model was adapted to, see `modes.text_of`.
        lang: Language of the notes, for the mode "slots".

    Raises:
        DeidError: There is no note, a number is below 1, a note has no annotation, or ``keep_identifiers`` is given in
            another mode.
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
    """Whether a Doc is a seed and not a note."""
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
