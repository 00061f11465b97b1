"""The fast engine samples from the model's distribution, whatever the rest of the batch is."""

import signal
import threading
import time
from functools import cache

import numpy as np
import pytest
import torch
from decoders import PIECES, character_tokenizer, gemma, gpt2, llama
from scipy.stats import chisquare
from transformers import BloomConfig, BloomForCausalLM
from transformers.generation.logits_process import TopPLogitsWarper

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.fast import FastEngine
from spacy_deid.generate.engines.protocol import Prompt, Sampling
from spacy_deid.generate.engines.sampling import sample_nucleus

GREEDY = Sampling(temperature=1e-4, top_p=1.0, max_tokens=40)
PROMPTS = ["", "Nombre", "Edad: 3", "Paciente de larga historia", "x", "Alta", "Sexo: M", "CP"]


@cache
def greedy_references(make_model) -> list[str]:
    """Return the texts of transformers' own generate, one prompt at a time, with its own attention and cache."""
    model, tokenizer = make_model(), character_tokenizer()
    texts = []
    for text in PROMPTS:
        inputs = tokenizer(text, return_tensors="pt")
        output = model.generate(inputs["input_ids"], do_sample=False, max_new_tokens=GREEDY.max_tokens)
        texts.append(tokenizer.decode(output[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))
    return texts


def gemma_with_a_window():
    return gemma(sliding_window=4)


@pytest.mark.slow
@pytest.mark.parametrize("make_model", [gemma, gemma_with_a_window, llama, gpt2])
@pytest.mark.parametrize(("batch_size", "lanes"), [(1, 1), (2, 2), (8, 2)])
def test_greedy_text_is_that_of_transformers(make_model, batch_size: int, lanes: int) -> None:
    engine = FastEngine(make_model(), character_tokenizer(), batch_size, lanes)

    completions = engine.generate([Prompt(text, seed=0) for text in PROMPTS], GREEDY)

    assert [completion.text for completion in completions] == greedy_references(make_model)


def test_a_seed_gives_the_same_text_again_and_another_seed_another() -> None:
    engine = FastEngine(gemma(), character_tokenizer(), batch_size=3, lanes=2)
    prompts = [Prompt("Nombre:", seed) for seed in (1, 2, 3, 4, 5, 1, 2, 3)]

    first, again = (engine.generate(prompts, Sampling(max_tokens=30)) for _ in range(2))

    assert first == again
    assert first[0].text == first[5].text
    assert len({completion.text for completion in first}) == 5


def test_tokens_and_notes_are_reported_as_they_end() -> None:
    """Promise: the bar of `generate` moves with every note that ends, not only with every shard."""
    reported: list[tuple[int, int]] = []
    engine = FastEngine(gemma(), character_tokenizer(), batch_size=2, lanes=1)

    def report(tokens: int, notes: int) -> None:
        reported.append((tokens, notes))

    completions = engine.generate([Prompt("ab", seed) for seed in range(5)], Sampling(max_tokens=7), report)

    tokens, notes = zip(*reported, strict=True)
    assert sum(notes) == 5 and max(notes) <= 2, "two rows at a time"
    assert sum(tokens) == sum(completion.tokens for completion in completions)
    assert all(completion.finished or completion.tokens == 7 for completion in completions)


def fail() -> None:
    raise OSError


def press_ctrl_c() -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


@pytest.mark.parametrize(("disturb", "raised"), [(fail, OSError), (press_ctrl_c, KeyboardInterrupt)])
def test_what_ends_one_lane_ends_the_others_soon(disturb, raised) -> None:
    disturbed = threading.Event()
    steps: list[int] = []

    def on_progress(sampled: int, ended: int) -> None:
        if disturbed.is_set():
            steps.append(sampled)
            time.sleep(0.01)
        elif threading.current_thread().name.endswith("_1"):  # the second lane, at its first step
            disturbed.set()
            disturb()

    engine = FastEngine(gemma(), character_tokenizer(), batch_size=1, lanes=2)
    with pytest.raises(raised):
        engine.generate([Prompt("", seed) for seed in range(40)], Sampling(max_tokens=50), on_progress)
    assert len(steps) < 100, "of some 600 or more"


def test_no_prompts_no_notes() -> None:
    assert FastEngine(gemma(), character_tokenizer(), batch_size=2).generate([], Sampling()) == []


def test_a_model_with_attention_of_its_own_is_refused() -> None:
    bloom = BloomForCausalLM(BloomConfig(vocab_size=len(PIECES), hidden_size=32, n_layer=1, n_head=2))

    with pytest.raises(DeidError, match="BloomForCausalLM.*'transformers'"):
        FastEngine(bloom, character_tokenizer(), batch_size=1)


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 0.95), (1.0, 0.5), (0.7, 0.8), (1.0, 1.0), (1.0, 1e-6)])
def test_nucleus_follows_the_renormalised_nucleus(temperature: float, top_p: float) -> None:
    logits = torch.randn(1, 50, generator=torch.Generator().manual_seed(3)) * 2
    warped = TopPLogitsWarper(top_p)(None, logits / temperature) if top_p < 1 else logits / temperature
    expected = torch.softmax(warped, -1)[0].double().numpy()
    draws = 20_000
    generators = [np.random.default_rng(seed) for seed in range(draws)]

    tokens = sample_nucleus(logits.expand(draws, -1), temperature, top_p, generators)

    counts = np.bincount(tokens, minlength=50)
    inside = expected > 0
    assert counts[~inside].sum() == 0
    frequent = inside & (expected * draws >= 5)
    observed = np.append(counts[frequent], counts[inside & ~frequent].sum() + 1e-9)
    wanted = np.append(expected[frequent] * draws, expected[inside & ~frequent].sum() * draws + 1e-9)
    assert chisquare(observed, wanted * observed.sum() / wanted.sum()).pvalue > 1e-3


def test_a_row_draws_the_same_in_any_company() -> None:
    logits = torch.randn(4, 30, generator=torch.Generator().manual_seed(5))

    alone = [sample_nucleus(logits[[row]], 1.0, 0.9, [np.random.default_rng(row)])[0] for row in range(4)]
    together = sample_nucleus(logits, 1.0, 0.9, [np.random.default_rng(row) for row in range(4)])

    assert alone == together
