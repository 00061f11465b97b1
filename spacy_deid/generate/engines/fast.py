"""The CPU engine: continuous batching over an in-place cache, with one lane for each core.

Notes differ in length, so that a row whose note has ended takes the next prompt at once. Each lane is one thread that
runs the whole model single-threaded on its own share of the prompts. Two lanes on two cores thus never wait for each
other; on a shared machine, waiting costs more than the arithmetic. Shares are fixed in advance, so that a run is
reproducible.
"""

import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.protocol import Completion, OnProgress, Prompt, Sampling
from spacy_deid.generate.engines.sampling import completion, end_ids, prompt_ids, sample_nucleus
from spacy_deid.generate.engines.slot_cache import DECODE_ATTENTION, SlotCache

LEAST_ROWS = 4  # with fewer, a lane reads all weights at each step for too few tokens


@dataclass
class _BatchRow:
    """One note in progress: the prompt's tokens are fed one by one, then the sampled ones."""

    index: int
    prompt: list[int]
    generator: np.random.Generator
    sampled: list[int] = field(default_factory=list)
    position: int = 0

    @property
    def token(self) -> int:
        return self.prompt[self.position] if self.position < len(self.prompt) else self.sampled[-1]

    @property
    def ready(self) -> bool:
        """Whether the token after that at ``position`` is to be sampled."""
        return self.position >= len(self.prompt) - 1


class FastEngine:
    """Samples from any transformers decoder with pluggable attention functions (Gemma, Llama, Qwen, GPT-2 ...).

    batch_size: rows decoded together in one lane, >= 1. lanes: most threads, by default torch's number on a CPU and one
    on a GPU; each lane has at least LEAST_ROWS notes.
    Prompts are fed token by token, so that this engine suits short prompts and long continuations.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        batch_size: int,
        lanes: int | None = None,
    ) -> None:
        if not model._supports_attention_backend:
            kind = type(model).__name__
            raise DeidError(
                f"The fast engine cannot run {kind}, which has its own attention. Remedy: use engine = 'transformers'."
            )
        self._model = model.eval()
        self._model.config._attn_implementation = DECODE_ATTENTION
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        self._lanes = lanes or (torch.get_num_threads() if model.device.type == "cpu" else 1)
        self._ends = end_ids(model.generation_config.eos_token_id, tokenizer.eos_token_id)

    def generate(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_progress: OnProgress | None = None
    ) -> list[Completion]:
        """Return one completion for each prompt, in the order of the prompts."""
        rows = [
            _BatchRow(index, prompt_ids(self._tokenizer, prompt.text), np.random.default_rng(prompt.seed))
            for index, prompt in enumerate(prompts)
        ]
        stop = threading.Event()
        threads = torch.get_num_threads()
        lanes = max(1, min(self._lanes, len(rows) // LEAST_ROWS))
        with ThreadPoolExecutor(lanes) as pool:
            shares = [rows[lane::lanes] for lane in range(lanes)]
            try:
                futures = [pool.submit(self._run_lane, share, sampling, on_progress, stop) for share in shares if share]
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                stop.set()  # after a failure or Ctrl-C the other lanes need not continue
                torch.set_num_threads(threads)
        completions = {index: done for future in futures for index, done in future.result().items()}
        return [completions[index] for index in range(len(rows))]

    @torch.inference_mode()
    def _run_lane(
        self, share: list[_BatchRow], sampling: Sampling, on_progress: OnProgress | None, stop: threading.Event
    ) -> dict[int, Completion]:
        torch.set_num_threads(1)
        waiting = deque(share)
        active = [waiting.popleft() for _ in range(min(self._batch_size, len(waiting)))]
        length = max(len(row.prompt) for row in share) + sampling.max_tokens
        cache = SlotCache(self._model.config, len(active), length, self._model.dtype, self._model.device)
        done: dict[int, Completion] = {}
        while active and not stop.is_set():
            self._step(active, cache, sampling)
            sampled, ended = sum(1 for row in active if row.sampled), len(done)
            keep = []
            for slot, row in enumerate(active):
                if self._has_ended(row, sampling):
                    done[row.index] = completion(self._tokenizer, row.prompt, row.sampled, self._ends)
                    if not waiting:
                        continue
                    active[slot] = waiting.popleft()
                keep.append(slot)
            if on_progress is not None:
                on_progress(sampled, len(done) - ended)
            if len(keep) < len(active):
                active = [active[slot] for slot in keep]
                cache.keep(keep)
        return done

    def _step(self, active: list[_BatchRow], cache: SlotCache, sampling: Sampling) -> None:
        """Feed one token to each row, and sample the next one if the prompt is used up."""
        device = self._model.device
        positions = torch.tensor([row.position for row in active], device=device)
        mask = cache.place(positions)
        logits = self._model(
            input_ids=torch.tensor([[row.token] for row in active], device=device),
            attention_mask=mask,
            position_ids=positions[:, None],
            past_key_values=cache,
            cache_position=positions.max()[None],
            use_cache=True,
        ).logits[:, -1]
        ready = [slot for slot, row in enumerate(active) if row.ready]
        if ready:
            generators = [active[slot].generator for slot in ready]
            chosen = logits if len(ready) == len(active) else logits[ready]
            tokens = sample_nucleus(chosen, sampling.temperature, sampling.top_p, generators)
            for slot, token in zip(ready, tokens, strict=True):
                active[slot].sampled.append(token)
        for row in active:
            row.position += 1

    def _has_ended(self, row: _BatchRow, sampling: Sampling) -> bool:
        return bool(row.sampled) and (row.sampled[-1] in self._ends or len(row.sampled) >= sampling.max_tokens)
