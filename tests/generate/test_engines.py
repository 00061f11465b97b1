"""The promises of every engine: order, seeds, ends, counts; vLLM's with a fake library."""

import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import srsly
import torch
from decoders import character_tokenizer, gemma, gpt2, llama

from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.fast import FastEngine
from spacy_deid.generate.engines.protocol import Prompt, Sampling
from spacy_deid.generate.engines.sampling import completion, end_ids, prompt_ids
from spacy_deid.generate.engines.transformers import TransformersEngine
from spacy_deid.generate.engines.vllm import VLLMEngine

SHORT = Sampling(max_tokens=12)
PROMPTS = [Prompt(text, seed) for seed, text in enumerate(["", "Nombre:", "Paciente de larga historia", "Nombre:"])]


class FakeLLM:
    """The part of vLLM's offline class that the engine uses, over a tiny model of transformers."""

    def __init__(self, model, **options):
        self.model, self.options = gemma(), {"model": model, **options}
        self.seen_params = []
        self.files = {path.name for path in Path(model).glob("*")}

    def get_tokenizer(self):
        return character_tokenizer()

    def generate(self, requests, params, use_tqdm):
        assert use_tqdm is False
        self.seen_params += params
        return [
            SimpleNamespace(outputs=[SimpleNamespace(token_ids=self.sample(request["prompt_token_ids"], one))])
            for request, one in zip(requests, params, strict=True)
        ]

    def sample(self, ids, params):
        with torch.random.fork_rng():
            torch.manual_seed(params.seed)
            output = self.model.generate(
                torch.tensor([ids]), do_sample=True, top_k=0, top_p=params.top_p, max_new_tokens=params.max_tokens
            )
        return output[0, len(ids) :].tolist()


@pytest.fixture
def vllm(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    gemma().save_pretrained("model")
    module = ModuleType("vllm")
    module.LLM, module.SamplingParams = FakeLLM, lambda **params: SimpleNamespace(**params)
    monkeypatch.setitem(sys.modules, "vllm", module)


def fast():
    return FastEngine(gemma(), character_tokenizer(), batch_size=2)


def plain():
    return TransformersEngine(gemma(), character_tokenizer(), batch_size=2)


def served():
    return VLLMEngine("model", None, dtype="float32", memory=0.5)


engines = pytest.mark.parametrize("make_engine", [fast, plain, served], ids=["fast", "transformers", "vllm"])


@engines
def test_one_completion_a_prompt_in_order_and_the_same_for_the_same_seeds(make_engine, vllm):
    engine = make_engine()
    first = engine.generate(PROMPTS, SHORT)
    assert len(first) == len(PROMPTS)
    assert engine.generate(PROMPTS, SHORT) == first
    assert first[1] != first[3], "the same prompt with another seed"
    other = [Prompt(prompt.text, prompt.seed + 100) for prompt in PROMPTS]
    assert engine.generate(other, SHORT) != first


@engines
def test_a_completion_is_the_continuation_alone_and_no_longer_than_max_tokens(make_engine, vllm):
    for one in make_engine().generate(PROMPTS, SHORT):
        assert not any(piece in one.text for piece in ("<bos>", "<eos>", "<pad>", "Nombre:"))
        assert one.tokens <= SHORT.max_tokens
        assert one.finished or one.tokens == SHORT.max_tokens
        assert len(one.text) <= one.tokens, "the stand-in tokenizer has one character a token"


@engines
def test_notes_end_by_themselves_when_there_is_room(make_engine, vllm):
    done = make_engine().generate([Prompt("", seed) for seed in range(8)], Sampling(top_p=1.0, max_tokens=150))
    ended = [one for one in done if one.finished]
    assert ended
    assert all(one.tokens <= 150 for one in ended)


@engines
def test_progress_counts_about_what_was_sampled_and_every_note(make_engine, vllm):
    counts = []
    done = make_engine().generate(PROMPTS, SHORT, on_progress=lambda *count: counts.append(count))
    tokens, notes = map(sum, zip(*counts, strict=True))
    assert abs(tokens - sum(one.tokens for one in done)) <= len(PROMPTS), "an end token may count or not"
    assert notes == len(PROMPTS)


@engines
def test_no_prompts_no_completions(make_engine, vllm):
    assert make_engine().generate([], SHORT) == []


@pytest.mark.parametrize("make_model", [gemma, llama, gpt2])
def test_padding_does_not_change_what_transformers_writes(make_model):
    greedy = Sampling(temperature=1e-4, top_p=1.0, max_tokens=20)
    model, tokenizer = make_model(), character_tokenizer()
    together = TransformersEngine(model, tokenizer, batch_size=4).generate(PROMPTS, greedy)
    alone = TransformersEngine(model, tokenizer, batch_size=1).generate(PROMPTS, greedy)
    assert together == alone


def test_sampling_leaves_torchs_own_random_numbers_alone():
    engine = plain()
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    engine.generate(PROMPTS, SHORT)
    assert torch.equal(torch.rand(3), expected)


def test_vllm_gets_the_settings_a_seed_a_sample_and_no_leave_to_report(vllm, monkeypatch):
    monkeypatch.setenv("VLLM_NO_USAGE_STATS", "0")
    engine = served()
    sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=5)
    engine.generate(PROMPTS, sampling)
    assert engine._llm.options["trust_remote_code"] is False
    assert engine._llm.options["generation_config"] == "vllm"
    assert engine._llm.options["gpu_memory_utilization"] == 0.5
    params = engine._llm.seen_params
    assert [one.seed for one in params] == [prompt.seed for prompt in PROMPTS]
    assert {(one.temperature, one.top_p, one.max_tokens) for one in params} == {(0.7, 0.9, 5)}
    assert os.environ["VLLM_NO_USAGE_STATS"] == "1"


def test_vllm_is_given_a_directory_where_a_hub_name_is_meant(vllm, monkeypatch):
    monkeypatch.setattr("spacy_deid.generate.engines.vllm.resolve", {"owner/model": "model"}.get)
    engine = VLLMEngine("owner/model", None, dtype="float32", memory=0.5)
    assert engine._llm.options["model"] == "model"


@pytest.mark.parametrize(("of_model", "ends"), [([7, 9], [1, 7, 9]), (7, [1, 7]), (None, [1])])
def test_vllm_stops_where_the_models_generation_config_says(of_model, ends, vllm):
    srsly.write_json("model/generation_config.json", {"eos_token_id": of_model})
    engine = served()
    engine.generate(PROMPTS, SHORT)
    assert engine._llm.seen_params[0].stop_token_ids == ends


def test_vllm_does_without_a_generation_config(vllm):
    Path("model/generation_config.json").unlink()
    assert len(served().generate(PROMPTS, SHORT)) == len(PROMPTS)


def test_vllm_serves_an_adapter_merged_and_keeps_no_copy(vllm, monkeypatch):
    def load(model, adapter, *, dtype, device):
        assert (model, adapter, dtype, device) == ("model", "adapter", torch.bfloat16, "cpu")
        return gemma(), character_tokenizer()

    monkeypatch.setattr("spacy_deid.generate.causal_lm.load_causal_lm", load)
    engine = VLLMEngine("model", "adapter", dtype="bfloat16", memory=0.5)
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= engine._llm.files
    assert not Path(engine._llm.options["model"]).exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"temperature": 0.0}, r"temperature is 0\.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_p": 0.0}, r"top_p is 0\.0"),
        ({"top_p": 1.1}, r"top_p is 1\.1"),
        ({"max_tokens": 0}, "max_tokens is 0"),
    ],
)
def test_sampling_out_of_range_is_named(settings, message):
    with pytest.raises(DeidError, match=message):
        Sampling(**settings)


def test_a_completion_stops_at_the_first_end_token():
    tokenizer = character_tokenizer()
    prompt, ends = prompt_ids(tokenizer, "ab"), end_ids([1, 3], None)
    sampled = prompt_ids(tokenizer, " cd")[1:]
    cut = completion(tokenizer, prompt, sampled, ends)
    ended = completion(tokenizer, prompt, [*sampled, 1, 0, 0], ends)
    assert (cut.text, cut.finished, cut.tokens) == (" cd", False, 3)
    assert (ended.text, ended.finished, ended.tokens) == (" cd", True, 4)


def test_an_empty_prompt_needs_a_token_to_begin_with():
    no_template = lambda text: {"input_ids": []}  # noqa: E731
    no_template.bos_token_id = None
    with pytest.raises(DeidError, match="no beginning-of-text token"):
        prompt_ids(no_template, "")
    no_template.bos_token_id = 2
    assert prompt_ids(no_template, "") == [2]


def test_texts_do_not_show_when_prompts_and_completions_are_logged():
    (one,) = plain().generate([Prompt("Ernesto", 0)], SHORT)
    assert "Ernesto" not in f"{Prompt('Ernesto', 0)}"
    assert one.text not in f"{one!r}"
