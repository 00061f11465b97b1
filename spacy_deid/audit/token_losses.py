"""The loss of each token of a text under a causal language model."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from spacy_deid.generate.adapt.data import IGNORED, pack, tokenize

WINDOW = 512  # tokens that the model sees at once
BATCH_TOKENS = {"cpu": 1024, "cuda": 8192}  # of each, the scores of the whole vocabulary are in memory

Losses = NDArray[np.float32]


@torch.inference_mode()
def token_losses(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], *, name: str, quiet: bool = False
) -> list[Losses]:
    """Return for each text the loss of each of its tokens except the first, in nats.

    A text longer than `WINDOW` is read in separate windows; every token is scored.

    Args:
        model: The language model.
        tokenizer: Its tokenizer.
        texts: The texts.
        name: The model's name in the progress bar.
        quiet: Whether to show no progress bar.
    """
    documents = tokenize(list(texts), tokenizer)
    losses = [np.zeros(len(document) - 1, dtype=np.float32) for document in documents]
    with tqdm(total=sum(map(len, losses)), desc=f"losses of {name}", unit="token", disable=quiet) as bar:
        for batch in _batches(documents, BATCH_TOKENS[model.device.type]):
            for (document, start), row in zip(batch, _losses_of(model, documents, batch), strict=True):
                losses[document][start : start + len(row)] = row
                bar.update(len(row))
    return losses


Window = tuple[int, int]  # the number of a document, and the first token of the window


def _batches(documents: Sequence[Sequence[int]], most: int) -> Iterator[list[Window]]:
    """Yield batches of windows of similar length, the longest first, each of at most ``most`` tokens with padding."""
    windows = [(number, start) for number, ids in enumerate(documents) for start in range(0, len(ids) - 1, WINDOW)]
    lengths = {window: min(WINDOW, len(documents[window[0]]) - 1 - window[1]) for window in windows}
    batch: list[Window] = []
    for window in sorted(windows, key=lambda window: -lengths[window]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch


def _losses_of(model: PreTrainedModel, documents: Sequence[Sequence[int]], batch: list[Window]) -> Iterator[Losses]:
    rows = [documents[number][start : start + WINDOW + 1] for number, start in batch]
    longest = len(rows[0]) - 1
    blocks = [pack([row], longest, padding=0) for row in rows]  # padded at the end, where no token looks
    inputs = torch.from_numpy(np.concatenate([block.inputs for block in blocks])).to(model.device)
    targets = torch.from_numpy(np.concatenate([block.targets for block in blocks])).to(model.device)
    scores = model(input_ids=inputs, use_cache=False).logits.flatten(0, 1).float()
    losses = cross_entropy(scores, targets.flatten(), ignore_index=IGNORED, reduction="none").view(targets.shape)
    for row, values in zip(rows, losses.cpu().numpy(), strict=True):
        yield values[: len(row) - 1]
