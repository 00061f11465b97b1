"""The copier's answer is the note with tags: what the model would choose step by step, for any text."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
import spacy
import torch
from confection import Config
from decoders import character_tokenizer, gemma, gpt2, llama
from hypothesis import given, settings
from test_reader import ODD, passage, qwen

from spacy_deid.errors import DeidError
from spacy_deid.llm import copier as module
from spacy_deid.llm.answer import MOST_UNITS, Answer
from spacy_deid.llm.copier import NoteCopier, make_copier
from spacy_deid.llm.copies import source_of, spans_of_marks
from spacy_deid.llm.pieces import pieces_of

QUICK = Path(__file__).parents[2] / "configs" / "quick" / "copier.cfg"
LABELS = {"A": "a", "BC": "b", "BD": "c"}
NOTES = ["Bo Ek sov.", "", "x", "Ek kom\n3 maj. Hon sov gott hela natten.", " \n ", "a <A>b</A> <"]
MODELS = [lambda: gemma(max_position_embeddings=4096), lambda: llama(max_position_embeddings=4096), gpt2, qwen]


@pytest.fixture(autouse=True)
def small_windows(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_WINDOW", 24)
    monkeypatch.setattr(module, "OVERLAP", 4)


def copier(model, labels=LABELS, **options):
    return NoteCopier(model, character_tokenizer(), labels, **{"bias": 1.0} | options)


def read(model, notes, **options):
    return copier(model, **options).read([passage(note) for note in notes])


def places(notes):
    return [[(span.start, span.end, span.label) for span in note] for note in notes]


def scores(notes):
    return [span.score for note in notes for span in note]


@pytest.mark.slow
@pytest.mark.parametrize("make_model", MODELS)
def test_neither_the_draft_nor_the_batch_changes_a_decision(make_model):
    model = make_model()
    step_by_step = read(model, NOTES, draft=0, batch_size=1)
    assert any(step_by_step)
    for draft, batch_size in ((5, 1), (24, 8)):
        found = read(model, NOTES, draft=draft, batch_size=batch_size)
        assert places(found) == places(step_by_step)
        np.testing.assert_allclose(scores(found), scores(step_by_step), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("make_model", MODELS)
def test_of_all_tag_sequences_it_writes_the_one_whose_every_step_is_the_best(make_model):
    model, text, bias = make_model(), "Bo Ek.", 1.0
    own = copier(model, {"A": "a"}, bias=bias)
    encode = lambda part: character_tokenizer()(part, add_special_tokens=False)["input_ids"]  # noqa: E731
    prompt = own._prompt.row(encode(text))
    greedy = []
    for marks in itertools.product("OBI", repeat=len(text)):
        if "OI" in "O" + "".join(marks):
            continue
        # the pieces of the answer, and at which of them there was a choice: (place, alternative, chosen, its bonus)
        answer, choices, inside = [], [], False
        for piece, mark in zip(encode(text), marks, strict=True):
            (sign,) = encode("<")
            if inside and mark != "I":
                choices.append((len(answer), sign, piece, 0.0))
                answer += encode("</A>")
                inside = False
            elif inside:
                choices.append((len(answer), piece, sign, 0.0))
            if not inside:
                opens = mark == "B"
                choices.append((len(answer), *((sign, piece, bias) if opens else (piece, sign, -bias))))
                answer += encode("<A>") if opens else []
                inside = opens
            answer.append(piece)
        with torch.inference_mode():
            logits = model(torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 :]
        if all(logits[at, won] + bonus >= logits[at, lost] for at, won, lost, bonus in choices):
            greedy.append(marks)
    (best,) = greedy
    (spans,) = own.read([passage(text)])
    groups = [match.span() for match in re.finditer("BI*", "".join(best))]
    marked = [text[start:end].strip() for start, end in groups]
    assert [text[span.start : span.end] for span in spans] == [part for part in marked if part]


MODEL = llama(max_position_embeddings=4096)


@settings(max_examples=10, deadline=None)
@given(ODD)
def test_any_text_is_marked_within_its_lines(text):
    (spans,) = read(MODEL, [text], bias=3.0)
    for before, after in itertools.pairwise(spans):
        assert before.end <= after.start
    for span in spans:
        marked = text[span.start : span.end]
        assert marked == marked.strip()
        assert marked
        assert "\n" not in marked
        assert 0 < span.score <= 1


def test_a_higher_bias_opens_the_first_tag_at_the_same_place_or_sooner():
    first = [
        spans[0].start if (spans := read(MODEL, ["Bo Ek sov gott"], bias=bias)[0]) else 99
        for bias in (-50, -4, -1, 0, 1, 4, 50)
    ]
    assert first == sorted(first, reverse=True)
    assert (first[0], first[-1]) == (99, 0)


def test_a_tag_that_the_model_never_closes_ends_with_the_line_and_after_40_units():
    text = "a " * (MOST_UNITS + 5) + "\nb"
    own = copier(MODEL, bias=50.0)
    sign = own._tags.closing[0][0]
    never = lambda piece: -100.0 if piece == sign else 0.0  # noqa: E731
    note = passage(text)
    pieces = pieces_of(text, character_tokenizer())
    answer = Answer(source_of(note, pieces), own._tags, 101.0, last=0)
    while not answer.done:
        answer.decide([never] * len(answer.next_input(24)), 24)
    spans = spans_of_marks(text, pieces.offsets, answer.marks, ["A", "BC", "BD"])
    assert [text[span.start : span.end].count("a") for span in spans] == [MOST_UNITS, 5, 0]


def test_special_tokens_in_a_note_are_text():
    (spans,) = read(MODEL, ["<eos><bos>"], bias=50.0)
    assert spans[-1].end == len("<eos><bos>")


def test_the_prompt_holds_types_and_examples_tagged_as_the_answer_is():
    own = copier(MODEL, examples=["Bo <A>Ek</A> sov"])
    prompt = "".join(character_tokenizer().convert_ids_to_tokens(own._prompt.row([])))
    assert "<BC>: b\n<BD>: c" in prompt
    assert "Text:\nBo Ek sov\n\nText with tags:\nBo <A>Ek</A> sov\n\nText:\n" in prompt
    assert prompt.endswith("\n\nText with tags:\n")


def test_a_chat_template_frames_the_prompt():
    tokenizer = character_tokenizer()
    tokenizer.chat_template = "<bos>[{{ messages[0].content }}]{% if add_generation_prompt %}:{% endif %}"
    own = NoteCopier(MODEL, tokenizer, LABELS, chat=True)
    prompt = "".join(tokenizer.convert_ids_to_tokens(own._prompt.row([])))
    assert prompt.startswith("<bos>[Copy each text.")
    assert prompt.endswith("Text with tags:]:")


def test_what_the_model_or_its_tokenizer_lacks_is_named():
    with pytest.raises(DeidError, match="no chat template.*instruct model"):
        copier(MODEL, chat=True)
    with pytest.raises(DeidError, match="reads 128 pieces.*longer context"):
        copier(llama(max_position_embeddings=128))
    with pytest.raises(DeidError, match="unknown tag"):
        copier(MODEL, examples=["<NAME>Ek</NAME>"])


def test_a_model_that_computes_no_numbers_is_an_error():
    broken = llama(max_position_embeddings=4096)
    torch.nn.init.constant_(broken.lm_head.weight, float("nan"))
    with pytest.raises(DeidError, match="not numbers"):
        read(broken, ["Bo"])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"labels": {}}, "labels is empty"),
        ({"labels": {"A": " "}}, "A has no description"),
        ({"labels": {"A": "a name", "B": "A  name"}}, "A and B have the same description"),
        ({"labels": {"<A": "a"}}, "cannot be a tag"),
        ({"labels": LABELS, "batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"labels": LABELS, "bias": float("nan")}, "bias is nan"),
    ],
)
def test_a_setting_out_of_range_is_named(settings, message):
    with pytest.raises(DeidError, match=message):
        make_copier("model", **settings)


@pytest.mark.slow
def test_the_quick_config_makes_a_pipeline_that_marks_a_note(tmp_path):
    gemma(max_position_embeddings=8192).save_pretrained(tmp_path)
    character_tokenizer().save_pretrained(tmp_path)
    changes = {"paths.model": str(tmp_path), "components.llm.model.bias": 50.0}
    config = Config().from_disk(QUICK, overrides=changes)
    doc = spacy.util.load_model_from_config(config, auto_fill=True)("Bo sov")
    assert doc.spans["deid_llm"][0].start == 0
    assert {span._.deid_source for span in doc.spans["deid_llm"]} == {"llm"}
    assert doc.ents
