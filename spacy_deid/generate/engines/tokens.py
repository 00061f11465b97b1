"""Between text and tokens, the same way in every engine."""

from collections.abc import Iterable, Sequence
from typing import Any

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.protocol import Completion


def prompt_ids(tokenizer: Any, text: str) -> list[int]:
    """Return a prompt's token ids by the tokenizer's template; for "", the beginning-of-text token alone.

    Raises DeidError where the text is empty and the tokenizer has no such token.
    """
    ids = list(tokenizer(text)["input_ids"])
    if ids:
        return ids
    if tokenizer.bos_token_id is None:
        message = (
            "There is an empty prompt, and the language model's tokenizer has no beginning-of-text token "
            "(bos_token). Remedy: make seeds of at least one word (deid seed --words 1)."
        )
        raise DeidError(message)
    return [tokenizer.bos_token_id]


def end_ids(model_end: int | Sequence[int] | None, tokenizer_end: int | None) -> frozenset[int]:
    """Return every token id that ends a note: those of the model's generation config and of its tokenizer."""
    ends = [model_end] if isinstance(model_end, int) else list(model_end or ())
    return frozenset(end for end in [*ends, tokenizer_end] if end is not None)


def completion(tokenizer: Any, prompt: list[int], sampled: Iterable[int], ends: frozenset[int]) -> Completion:
    """Return the text of ``sampled`` up to its first end token.

    Prompt and continuation are decoded together, since some tokenizers drop a leading space.
    """
    kept: list[int] = []
    finished = False
    for token in sampled:
        if token in ends:
            finished = True
            break
        kept.append(int(token))
    start = len(_decode(tokenizer, prompt))
    text = _decode(tokenizer, prompt + kept)[start:]
    return Completion(text=text, finished=finished, tokens=len(kept) + finished)


def _decode(tokenizer: Any, ids: list[int]) -> str:
    text: str = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text
