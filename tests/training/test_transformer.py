"""Windows cover every token, and a token without a vector or a missing weight is an error."""

import warnings

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from spacy_deid.errors import DeidError
from spacy_deid.training.transformer import make_every_token_embedded, make_overlapping_windows

VOCAB = Vocab()
words = st.lists(st.text(alphabet="aé1 .", min_size=1, max_size=12).filter(str.strip), max_size=60)


@given(words, st.integers(1, 30), st.integers(0, 8))
def test_every_token_is_in_a_window_and_no_window_can_be_cut(tokens: list[str], limit: int, overlap: int) -> None:
    doc = Doc(VOCAB, words=tokens)

    (windows,) = make_overlapping_windows(limit, overlap)([doc])

    assert {token.i for window in windows for token in window} == set(range(len(doc)))
    assert all(len(window) == 1 or sum(map(len, window)) <= limit for window in windows)
    assert [window.start for window in windows] == sorted({window.start for window in windows})


def test_windows_share_their_borders() -> None:
    doc = Doc(VOCAB, words=["abc"] * 10)

    (windows,) = make_overlapping_windows(max_characters=12, overlap=2)([doc])

    assert [(window.start, window.end) for window in windows] == [(0, 4), (2, 6), (4, 8), (6, 10)]


@pytest.mark.parametrize(("max_characters", "overlap"), [(0, 1), (10, -1)])
def test_settings_out_of_range_are_named(max_characters: int, overlap: int) -> None:
    with pytest.raises(DeidError, match=f"{max_characters} and {overlap}"):
        make_overlapping_windows(max_characters, overlap)


@pytest.mark.parametrize("named", [lambda: make_overlapping_windows(500, 16), make_every_token_embedded])
def test_weights_that_do_not_match_are_an_error_where_a_config_names_one_of_the_two(named) -> None:
    with warnings.catch_warnings():
        named()
        with pytest.raises(UserWarning, match="Error loading saved torch state_dict"):
            warnings.warn(
                "Error loading saved torch state_dict with strict=True, likely due to differences", stacklevel=1
            )


@pytest.mark.models
def test_long_and_odd_notes_have_a_vector_for_every_token(embedded_models) -> None:
    config = {
        "max_batch_items": 4096,
        "set_extra_annotations": {"@annotation_setters": "deid.EveryTokenEmbedded.v1"},
        "model": {
            "@architectures": "spacy-transformers.TransformerModel.v3",
            "name": str(embedded_models / "encoder"),
            "get_spans": {"@span_getters": "deid.OverlappingWindows.v1", "max_characters": 500, "overlap": 16},
        },
    }
    nlp = spacy.blank("es", config={"nlp": {"tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}})
    nlp.add_pipe("transformer", config=config)
    nlp.initialize()
    notes = [
        "",
        " \n\t ",
        "Paciente de 45 años. " * 400,
        "a" * 3000 + " fin",
        "🩺 " * 300,
        "王小明 وصل المريض\r\n\u200bPaciente\u200b",
    ]

    docs = list(nlp.pipe(notes))

    for doc in docs:
        lengths = doc._.trf_data.align.lengths
        lost = [t.text for t, n in zip(doc, lengths, strict=True) if not n and t.text.isalnum()]
        assert lost == []
    assert max(docs[3]._.trf_data.wordpieces.lengths) <= 512
