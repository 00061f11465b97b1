"""The Reader: a fine-tuned causal language model that decides at each piece of a note, and writes nothing."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from spacy_llm.registry import registry

from spacy_deid.errors import DeidError
from spacy_deid.generate.llm_models import directories_of
from spacy_deid.llm.decide import Reading, by_unit, spans_of
from spacy_deid.llm.passages import Find, Passage, PassageModel
from spacy_deid.llm.pieces import Pieces, pieces_of, pieces_of_units
from spacy_deid.llm.windows import Window, cut, deciding_parts

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from spacy_deid.llm.echo import EchoTagger, Frame

# a piece and its first reading must lie within one sliding window, of 512 tokens in Gemma 3
LONGEST_ROW = 482
OVERLAP = 40


@dataclass(frozen=True)
class _Row:
    """A window of one of the notes."""

    note: int
    window: int
    ids: list[int] = field(repr=False)


class EchoReader:
    """Reads notes with an `EchoTagger`, in batches of a bounded number of tokens, in one lane for each thread."""

    def __init__(
        self, tagger: "EchoTagger", tokenizer: "PreTrainedTokenizerBase", *, batch_tokens: int, threads: int
    ) -> None:
        """Store the arguments.

        Args:
            tagger: The model and its head.
            tokenizer: The model's tokenizer.
            batch_tokens: Tokens of a batch, padding among them, at most; a single row may have more.
            threads: Batches that are computed at a time, each in one thread.
        """
        from spacy_deid.llm.echo import frame_of

        self._tagger = tagger.eval()
        self._tokenizer = tokenizer
        self._frame: Frame = frame_of(tokenizer)
        self._batch_tokens = batch_tokens
        self._threads = threads
        self._longest = self._frame.longest_window(LONGEST_ROW)

    def read(self, passages: Sequence[Passage]) -> list[Reading]:
        """Return the decisions on each note, in order."""
        notes = [pieces_of(passage.text, self._tokenizer) for passage in passages]
        windows = [
            cut(passage.text, note.offsets, self._longest, OVERLAP)
            for passage, note in zip(passages, notes, strict=True)
        ]
        rows = [
            _Row(number, at, note.ids[window.start : window.end])
            for number, (note, own) in enumerate(zip(notes, windows, strict=True))
            for at, window in enumerate(own)
            if len(note)
        ]
        decided = dict(self._decide(rows))
        return [
            self._reading(passage, note, own, [decided.get((number, at)) for at in range(len(own))])
            for number, (passage, note, own) in enumerate(zip(passages, notes, windows, strict=True))
        ]

    def _decide(self, rows: list[_Row]) -> Iterator[tuple[tuple[int, int], "_Decided"]]:
        batches = list(_batches(rows, self._batch_tokens))
        with ThreadPoolExecutor(self._threads, initializer=_one_thread) as pool:
            for batch, results in zip(batches, pool.map(self._compute, batches), strict=True):
                for row, result in zip(batch, results, strict=True):
                    yield (row.note, row.window), result

    def _compute(self, rows: list[_Row]) -> list["_Decided"]:
        import torch

        from spacy_deid.llm.echo import batch_of

        with torch.inference_mode():
            labels, begins = self._tagger(batch_of([row.ids for row in rows], self._frame))
            log_probabilities = labels.log_softmax(-1).cpu().numpy()
            beginnings = begins.sigmoid().cpu().numpy()
        edges = np.cumsum([len(row.ids) for row in rows])[:-1]
        return [
            _Decided(*both)
            for both in zip(np.split(log_probabilities, edges), np.split(beginnings, edges), strict=True)
        ]

    def _reading(
        self, passage: Passage, note: Pieces, windows: list[Window], decided: Sequence["_Decided | None"]
    ) -> Reading:
        columns = len(self._tagger.head.labels) + 1
        labels = np.zeros((len(note), columns), dtype=np.float32)
        begins = np.zeros(len(note), dtype=np.float32)
        times = np.zeros(len(note), dtype=np.int64)
        for number, start, end in deciding_parts(windows):
            result = decided[number]
            if result is not None:
                inside = slice(start - windows[number].start, end - windows[number].start)
                labels[start:end], begins[start:end] = result.labels[inside], result.begins[inside]
                times[start:end] += 1
        if not (times == 1).all():
            msg = "a piece of a note was not decided exactly once"
            raise AssertionError(msg)
        pieces = pieces_of_units(note.offsets, [(unit.start, unit.end) for unit in passage.units])
        first = np.array([begins[own.start] if own else 0.0 for own in pieces], dtype=np.float32)
        return Reading(self._tagger.head.labels, passage.units, by_unit(labels, pieces), first)


@dataclass(frozen=True)
class _Decided:
    """Of the pieces of one window: logarithms of the columns' probabilities, and the probability of a beginning."""

    labels: NDArray[np.float32]
    begins: NDArray[np.float32]


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _batches(rows: list[_Row], tokens: int) -> Iterator[list[_Row]]:
    """Yield the rows, the longest first, in batches of at most ``tokens`` pieces in both readings."""
    batch: list[_Row] = []
    for row in sorted(rows, key=lambda row: len(row.ids), reverse=True):
        width = 2 * len((batch or [row])[0].ids) + 2
        if batch and width * (len(batch) + 1) > tokens:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


@registry.llm_models("deid.Reader.v1")
def make_reader(
    name: str,
    adapter: str,
    dtype: Literal["float32", "bfloat16", "float16", "auto"] = "auto",
    device: str = "cpu",
    batch_tokens: int = 4096,
    threads: int = 1,
    bias: float = 0.0,
) -> PassageModel:
    """Return the model ``deid.Reader.v1``.

    Args:
        name: Hugging Face directory of a causal language model, or its name in the hub's local cache.
        adapter: Directory that `deid adapt` made with corpus.mode = "read".
        dtype: Type of the weights; "auto" is bfloat16 if the device computes in it, else float32.
        device: "cpu", "cuda" or "cuda:1".
        batch_tokens: Tokens of a batch, at least 1.
        threads: Batches that are computed at a time, at least 1.
        bias: The dial: nats that are taken off "no identifier" before the highest label wins. Above 0 more is found,
            and more is redacted for nothing.

    Raises:
        DeidError: A value is out of range. At the first note: model or adapter is absent or unfit.
    """
    for setting, value in (("batch_tokens", batch_tokens), ("threads", threads)):
        if value < 1:
            raise DeidError(f"deid.Reader.v1: {setting} is {value}; it must be at least 1.")

    def load() -> Find:
        from spacy_deid.generate.causal_lm import choose_dtype, load_causal_lm
        from spacy_deid.llm.echo import HEAD, EchoTagger, load_head

        network, tokenizer = load_causal_lm(name, adapter, dtype=choose_dtype(dtype, device), device=device)
        head = load_head(Path(adapter) / HEAD, network.config.hidden_size).to(device)
        reader = EchoReader(EchoTagger(network, head), tokenizer, batch_tokens=batch_tokens, threads=threads)
        return lambda passages: [spans_of(reading, bias) for reading in reader.read(passages)]

    return PassageModel(load, directories_of(name, adapter))
