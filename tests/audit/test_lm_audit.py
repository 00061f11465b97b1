"""A model that memorised its notes is detected by its losses and its canaries; another model is not."""

import random

import numpy as np
import pytest
import torch
from decoders import character_tokenizer, gemma, save_gemma

from spacy_deid.audit.budgets import judge, load_budgets
from spacy_deid.audit.canaries import generated_section, make_canaries, plant
from spacy_deid.audit.language_model import audit_lm, by_chance, exposure_section, exposures, lm_membership
from spacy_deid.audit.token_losses import WINDOW, token_losses
from spacy_deid.corpus.note import Note
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.data import tokenize

WORDS = ["fiebre", "tos", "dolor", "en", "el", "pecho", "ingresa", "alta", "mejora", "toma", "un", "gramo", "al", "dia"]
STEPS = 80
PLANTED = 2  # of the canaries; the others are not
SMALL = {"initializer_range": 0.05, "hidden_size": 64, "num_hidden_layers": 1, "layer_types": ["full_attention"]}


def notes(number: int, seed: int) -> list[Note]:
    draw = random.Random(seed)
    return [Note(str(i), str(i), " ".join(draw.choices(WORDS, k=10)) + ".\n", ()) for i in range(number)]


@pytest.fixture(scope="module")
def canaries():
    return make_canaries("es", 8, [8], seed=0)


@pytest.fixture(scope="module")
def members(canaries) -> list[str]:
    return [note.text for note in plant(notes(12, seed=1), canaries[:PLANTED], seed=0)]


@pytest.fixture(scope="module")
def heldout() -> list[str]:
    return [note.text for note in notes(100, seed=2)]


def losses_of(model, texts):
    return token_losses(model, character_tokenizer(), texts, name="a model", quiet=True)


@pytest.fixture(scope="module")
def fresh():
    return gemma(**SMALL)


@pytest.fixture(scope="module")
def overtrained(members):
    """A model that was trained for many epochs on twelve notes with two planted canaries."""
    model = gemma(**SMALL).train()
    tokenizer = character_tokenizer()
    documents = tokenize(members, tokenizer)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    longest = max(map(len, documents))
    rows = torch.tensor([ids + [0] * (longest - len(ids)) for ids in documents])
    for _ in range(STEPS):
        loss = model(input_ids=rows, labels=rows.masked_fill(rows == 0, -100)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return model.eval()


def sides(model, members, heldout):
    return {"members": losses_of(model, members), "heldout": losses_of(model, heldout)}


def test_losses_are_those_of_the_model_itself(fresh) -> None:
    """In batches of any shape: also of a text longer than a window together with a short one."""
    texts = ["dolor " * (WINDOW // 4), "tos", "alta sin fiebre"]
    short = tokenize(texts, character_tokenizer())[1]
    with torch.inference_mode():
        own = fresh(input_ids=torch.tensor([short]), labels=torch.tensor([short])).loss.item()

    long, one, _ = losses_of(fresh, texts)

    assert one.mean() == pytest.approx(own, rel=1e-4)
    assert len(long) == len(texts[0]) + 1  # every character and the end
    assert (long > 0).all()


@pytest.mark.slow
def test_an_overtrained_model_discloses_its_members(fresh, overtrained, members, heldout) -> None:
    found = lm_membership(sides(overtrained, members, heldout), sides(fresh, members, heldout), seed=0)

    for attack in ("loss", "reference", "min_k"):
        assert found[attack]["auc"]["low"] > 0.9, attack
        assert found[attack]["tpr_at_1_percent_fpr"]["value"] > 0.5, attack
    over = judge({"lm_membership": found}, load_budgets())["over"]
    assert {measure.split(".")[1] for measure in over} == {"loss", "reference", "min_k"}


def test_a_model_that_was_not_adapted_discloses_nobody(fresh, heldout) -> None:
    members = [note.text for note in notes(60, seed=3)]
    losses = sides(fresh, members, heldout)

    found = lm_membership(losses, losses, seed=0)

    for attack in ("loss", "reference", "min_k"):
        assert found[attack]["auc"]["low"] <= 0.5 <= found[attack]["auc"]["high"], attack
    assert judge({"lm_membership": found}, load_budgets())["over"] == []


def test_planted_canaries_are_exposed_and_others_are_not(overtrained, canaries) -> None:
    bits = exposures(canaries, lambda texts: losses_of(overtrained, texts))

    planted, never_planted = np.mean(bits[:PLANTED]), np.mean(bits[PLANTED:])
    assert planted > 5  # of 7
    assert never_planted < planted / 2
    section = exposure_section(canaries[:PLANTED], bits[:PLANTED], seed=0)
    assert section["planted 8 times"]["low"] > section["by_chance"]
    assert judge({"exposure": section}, load_budgets())["over"] == ["exposure.above_chance.low"]


def test_no_canary_is_exposed_under_a_model_that_saw_none(fresh, canaries) -> None:
    bits = exposures(canaries, lambda texts: losses_of(fresh, texts))

    section = exposure_section(canaries, bits, seed=0)
    assert section["all"]["low"] < section["by_chance"]
    assert judge({"exposure": section}, load_budgets())["over"] == []
    assert section["most"] == 7
    assert by_chance(canaries) == pytest.approx(1.4, abs=0.05)


def test_the_best_and_the_worst_rank_are_the_ends_of_the_scale(canaries) -> None:
    def by_secret(sign):
        return lambda texts: [np.array([sign * any(canary.text == text for canary in canaries)]) for text in texts]

    assert exposures(canaries, by_secret(-1)) == [7.0] * len(canaries)
    assert exposures(canaries, by_secret(1)) == [0.0] * len(canaries)


def test_a_canary_is_generated_when_one_note_holds_all_of_it(canaries) -> None:
    name, date, identity, phone = canaries[:4]
    together = f"Texto. {' y '.join(date.values).upper()}, otra cosa"
    apart = [f"Texto con {value}" for value in phone.values]
    by_chance = f"El documento de {identity.values[0]} es {identity.candidates[0]}"

    section = generated_section(canaries, [together, *apart, by_chance, f"Paciente {name.values[0]}"])

    assert section["which"] == ["DATE planted 8 times", "NAME planted 8 times"]
    assert section["generated"] == 2
    assert section["by_chance"] == pytest.approx(1 / sum(len(canary.candidates) for canary in canaries), abs=1e-6)


def test_the_audit_of_a_model_on_disk(tmp_path, members, heldout) -> None:
    base = save_gemma(tmp_path / "base")

    sections = audit_lm(str(base), None, members, heldout, make_canaries("sv", 2, [1], 0), most_notes=7, seed=0)

    assert sections["lm_membership"]["notes"] == {"members": 7, "heldout": 7}
    assert sections["lm_membership"]["reference"]["auc"]["value"] == 0.5  # base against base
    assert sections["exposure"]["all"]["canaries"] == 2


def test_an_unfinished_adapter_is_refused(tmp_path, members, heldout) -> None:
    (tmp_path / "adapter").mkdir()
    with pytest.raises(DeidError, match="no finished adapter"):
        audit_lm(str(save_gemma(tmp_path / "base")), tmp_path / "adapter", members, heldout, most_notes=2, seed=0)
