"""DP-SGD on adapters: gradients are per patient, clipped and noised, and the epsilon is kept."""

import sys
import warnings

import pytest
import spacy
import srsly
import torch
from adaptation import CONFIG
from decoders import NOTE, gemma, save_gemma, word_tokenizer
from opacus import GradSampleModule
from peft import get_peft_model

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt import private
from spacy_deid.generate.adapt.network import lora_config
from spacy_deid.generate.adapt.private import clipped_sum, plan, read_units, train_privately
from spacy_deid.generate.adapt.run import adapt
from spacy_deid.generate.adapt.settings import Corpus, Lora, Privacy, read_settings
from spacy_deid.generate.causal_lm import load_causal_lm

PRIVACY = Privacy(epsilon=8.0, delta=1e-3, max_grad_norm=0.5)
UNITS = [[[2, 7, 8, 9, 1]], [[2, 20, 21, 22, 23, 1], [2, 5, 1]], [[2, *range(30, 60), 1]]]
BLOCK = 16  # shorter than the last note


@pytest.fixture
def model():
    torch.manual_seed(0)
    lora = Lora(rank=4, alpha=8, dropout=0.0, quantize=False)
    model = get_peft_model(gemma(), lora_config(lora), autocast_adapter_dtype=False)
    for name, weight in model.named_parameters():
        if "lora_B" in name:  # as made, they are zero, and so is every gradient of lora_A
            torch.nn.init.normal_(weight, std=0.02)
    return model.train()


def weights_of(model):
    return [weight for weight in model.parameters() if weight.requires_grad]


def flat(parts):
    return torch.cat([part.flatten().float() for part in parts])


def summed(model, units, max_norm):
    return flat(clipped_sum(model, weights_of(model), units, BLOCK, max_norm))


def test_gradients_are_those_that_opacus_finds_sample_by_sample(model) -> None:
    """Compare two ways that share only autograd: hooks on every adapter, and a backward pass for each note."""
    notes = torch.tensor([[2, 7, 8, 9, 1], [2, 20, 21, 22, 1]])
    ours = [summed(model, [[note.tolist()]], max_norm=1e9) for note in notes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hooked = GradSampleModule(model, loss_reduction="sum", strict=False)
        logits = hooked(input_ids=notes[:, :-1], use_cache=False).logits.transpose(1, 2)
        torch.nn.functional.cross_entropy(logits, notes[:, 1:], reduction="none").mean(1).sum().backward()
    for number, own in enumerate(ours):
        theirs = flat([weight.grad_sample[number] for weight in weights_of(model)])
        assert torch.allclose(own, theirs, rtol=1e-3, atol=1e-5)


def test_one_patient_moves_the_sum_by_the_bound_at_most(model) -> None:
    together = summed(model, UNITS, max_norm=0.5)
    for left_out in range(len(UNITS)):
        others = [unit for number, unit in enumerate(UNITS) if number != left_out]
        assert (together - summed(model, others, max_norm=0.5)).norm() <= 0.5 * 1.0001


def test_a_gradient_below_the_bound_is_left_as_it_is(model) -> None:
    own = summed(model, UNITS[:1], max_norm=1e9)
    assert own.norm() > 0.5  # or the test above would show nothing
    assert torch.equal(own, summed(model, UNITS[:1], max_norm=2 * own.norm().item()))
    assert torch.allclose(own / own.norm() * 0.5, summed(model, UNITS[:1], max_norm=0.5), rtol=1e-4, atol=1e-7)


@pytest.mark.slow
def test_the_noise_has_the_planned_deviation(model, monkeypatch) -> None:
    """If no note is drawn, a step's gradient is noise alone."""
    seen = []
    monkeypatch.setattr(private, "clipped_sum", lambda model, weights, *rest: [torch.zeros_like(w) for w in weights])
    monkeypatch.setattr(
        private.MasterAdamW, "step", lambda optimizer: seen.append(flat([w.grad for w in optimizer.weights]))
    )
    training = training_of(max_steps=2, batch_size=2)

    train_privately(model, UNITS, training, PRIVACY, quiet=True)

    planned = plan(len(UNITS), training, PRIVACY)
    expected = planned.noise_multiplier * PRIVACY.max_grad_norm / 2
    assert len(seen) == 2
    for noise in seen:
        assert noise.std().item() == pytest.approx(expected, rel=0.05)
        assert abs(noise.mean().item()) < 0.05 * expected
    assert not torch.equal(*seen)  # and no seed gives the same again


def training_of(**changes):
    overrides = {"paths.train": "x", "paths.dev": "x"} | {f"training.{key}": value for key, value in changes.items()}
    return read_settings(CONFIG, overrides).training


@pytest.mark.slow
def test_a_smaller_epsilon_takes_more_noise() -> None:
    strict, lax = (
        plan(3, training_of(max_steps=3), Privacy(epsilon=epsilon, delta=1e-3, max_grad_norm=0.5)).noise_multiplier
        for epsilon in (1.0, 8.0)
    )
    assert strict > 2 * lax


@pytest.mark.parametrize(
    ("changes", "privacy", "said"),
    [
        ({"batch_size": 4}, PRIVACY, "A step takes 4 patients or notes, and there are 3"),
        ({}, PRIVACY.model_copy(update={"delta": 0.5}), "it would allow publishing one of them"),
    ],
)
def test_settings_that_protect_nobody_are_refused(changes, privacy, said: str) -> None:
    with pytest.raises(DeidError, match=said):
        plan(3, training_of(**changes), privacy)


def test_without_opacus_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "opacus.accountants.utils", None)
    with pytest.raises(DeidError, match=r"\[dp\]"):
        plan(3, training_of(), PRIVACY)


def save_notes(path, groups):
    nlp = spacy.blank("es")
    docs = [nlp.make_doc(NOTE) for _ in groups]
    for doc, group in zip(docs, groups, strict=True):
        doc._.deid_group = group
    write(docs, path)
    return path


def test_a_patients_notes_are_one_unit_and_notes_of_nobody_are_each_their_own(tmp_path) -> None:
    path = save_notes(tmp_path / "notes.spacy", ["ann", "bo", "ann", "", ""])

    units = read_units(path, Corpus(), word_tokenizer())

    assert [len(unit) for unit in units] == [2, 1, 1, 1]


@pytest.mark.slow
def test_a_private_adaptation_changes_the_adapter_and_says_what_was_spent(tmp_path) -> None:
    save_gemma(tmp_path / "base")
    config = tmp_path / "adapt.cfg"
    config.write_text(CONFIG.read_text("utf8") + "\n[privacy]\nepsilon = 8\ndelta = 0.001\nmax_grad_norm = 0.5\n")
    overrides = {
        "paths.train": str(save_notes(tmp_path / "train.spacy", [str(number) for number in range(12)])),
        "paths.dev": str(save_notes(tmp_path / "dev.spacy", [""])),
        "paths.model": str(tmp_path / "base"),
        **{"training.dtype": "float32", "training.batch_size": 4, "training.max_steps": 3},
    }

    manifest = adapt(read_settings(config, overrides), tmp_path / "out", quiet=True)

    assert manifest["weight_change"]["least"] > 0
    assert 7 < manifest["privacy"]["epsilon"] <= 8
    assert manifest["training"]["steps"] == 3
    assert srsly.read_json(tmp_path / "out" / "adaptation.json")["settings"]["privacy"]["epsilon"] == 8
    load_causal_lm(str(tmp_path / "base"), str(tmp_path / "out"), dtype=torch.float32)
