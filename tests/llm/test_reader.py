"""The reader decides every unit of any text once, and the same whatever else is in its batch."""

import numpy as np
import pytest
import spacy
import torch
from decoders import character_tokenizer, gemma, gpt2, llama
from hypothesis import given, settings
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.llm import reader as module
from spacy_deid.llm.echo import EchoTagger, TagHead, batch_of, frame_of, load_head, save_head
from spacy_deid.llm.passages import passage_of
from spacy_deid.llm.reader import EchoReader, make_reader

LABELS = ("NAME", "DATE")
NOTES = ["Bo Ek sov.", "", "x", "Anna Ek inkom 3 maj. Hon sov gott hela natten lang.", "  \n "]


def qwen():
    from transformers import Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=120, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4
    )
    return Qwen2ForCausalLM(config).eval()


def reader_of(model, **options):
    torch.manual_seed(0)
    head = TagHead(model.config.hidden_size, LABELS)
    return EchoReader(EchoTagger(model, head), character_tokenizer(), **{"batch_tokens": 200, "threads": 1} | options)


def passage(text):
    return passage_of(spacy.blank("xx").make_doc(text))


@pytest.mark.parametrize("make_model", [gemma, llama, gpt2, qwen])
def test_a_note_is_read_the_same_alone_and_in_any_batch(make_model):
    model = make_model()
    together = reader_of(model, threads=2).read([passage(note) for note in NOTES])
    for note, shared in zip(NOTES, together, strict=True):
        (alone,) = reader_of(model, batch_tokens=1).read([passage(note)])
        np.testing.assert_allclose(alone.log_probabilities, shared.log_probabilities, atol=1e-4)
        np.testing.assert_allclose(alone.begins, shared.begins, atol=1e-4)


def test_a_decision_knows_the_words_that_follow():
    first, second = reader_of(llama()).read([passage("Bo x"), passage("Bo y")])
    assert not np.allclose(first.log_probabilities[0], second.log_probabilities[0], atol=1e-4)


def test_the_second_reading_is_that_of_the_model_itself():
    model, tokenizer = llama(), character_tokenizer()
    ids = tokenizer("Bo Ek", add_special_tokens=False)["input_ids"]
    frame = frame_of(tokenizer)
    head = TagHead(model.config.hidden_size, LABELS)
    labels, _ = EchoTagger(model, head)(batch_of([ids, ids * 3], frame))
    row = torch.tensor([frame.row(ids)])
    states = model.model(row).last_hidden_state[0, -len(ids) :]
    torch.testing.assert_close(labels[: len(ids)], head.label(states))


READER = reader_of(llama())
# characters that break offsets: of several bytes, of zero width, of both directions, combining, controls
ODD = st.text(
    alphabet=st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("a1 .\n\t\r\u200b\u202e\u0301é😀"))
)


@settings(max_examples=60)
@given(ODD)
def test_every_unit_of_any_text_is_decided(text):
    (reading,) = READER.read([passage(text)])
    assert len(reading.log_probabilities) == len(reading.units)
    np.testing.assert_allclose(np.exp(reading.log_probabilities).sum(axis=-1), 1, atol=1e-4)


def test_a_long_note_is_read_in_windows(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_ROW", 62)
    monkeypatch.setattr(module, "OVERLAP", 6)
    (reading,) = reader_of(llama()).read([passage("Bo Ek sov gott. " * 40)])
    assert len(reading.log_probabilities) == len(reading.units) == 200
    assert np.isfinite(reading.log_probabilities).all()


def test_a_head_keeps_its_labels_and_weights(tmp_path):
    head = TagHead(8, LABELS)
    save_head(head, tmp_path / "tag_head.safetensors")
    loaded = load_head(tmp_path / "tag_head.safetensors", 8)
    assert loaded.labels == LABELS
    assert all(torch.equal(weight, loaded.state_dict()[name]) for name, weight in head.state_dict().items())


def test_a_head_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "tag_head.safetensors"
    with pytest.raises(DeidError, match="is missing.*corpus.mode = 'read'"):
        load_head(path, 8)
    save_head(TagHead(8, LABELS), path)
    with pytest.raises(DeidError, match="of another model"):
        load_head(path, 16)
    path.write_bytes(b"no safetensors")
    with pytest.raises(DeidError, match="damaged"):
        load_head(path, 8)


@pytest.mark.parametrize("setting", ["batch_tokens", "threads"])
def test_a_setting_out_of_range_is_named(setting):
    with pytest.raises(DeidError, match=f"{setting} is 0; it must be at least 1"):
        make_reader("model", "adapter", **{setting: 0})


def test_a_passage_does_not_show_its_text():
    assert "Bo" not in repr(passage("Bo Ek"))
