"""The placeholders of deid_redact are recognised in redacted text, and stay unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.annotate.placeholders import find_placeholders, is_placeholder
from spacy_deid.labels import categories
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.modes.simple import Hash
from spacy_deid.surrogates.identifier import Identifier, Scope


@pytest.mark.parametrize("category", categories())
def test_every_category_has_placeholders(category: str) -> None:
    text = f"a[{category}]b [{category}_12], {category} [{category}_3f9a2c71e0]"
    found = [(text[match.start : match.end], match.label) for match in find_placeholders(text)]
    placeholders = f"[{category}]", f"[{category}_12]", f"[{category}_3f9a2c71e0]"
    assert found == [(placeholder, category) for placeholder in placeholders]


# a number of ten digits might be somebody's
@pytest.mark.parametrize(
    "text", ["[NAME", "NAME_1", "[name]", "[WARD]", "[ID_7804121234]", "[ID_3f9a2c71e]", "[NAME_x]", "[10-19]"]
)
def test_other_brackets_are_text(text: str) -> None:
    assert list(find_placeholders(text)) == []
    assert not is_placeholder(text)


@pytest.mark.parametrize("lang", ["sv", "es"])
@pytest.mark.parametrize("mode", ["mask", "index", "hash", "surrogate"])
def test_to_redact_again_changes_nothing(lang: str, mode: str) -> None:
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": mode})
    text = "[NAME_1] (tel. [PHONE_2]), [NAME_2]: [DATE]; [AGE], [CARE_UNIT_1], [ID_659f992513]"
    doc = nlp(text)
    assert [ent.text for ent in doc.ents] == [
        *("[NAME_1]", "[PHONE_2]", "[NAME_2]", "[DATE]", "[AGE]", "[CARE_UNIT_1]", "[ID_659f992513]"),
    ]
    assert doc._.deid_text == text


@given(key=st.binary(min_size=1), value=st.text(min_size=1))
def test_any_hash_is_a_placeholder(key: bytes, value: str) -> None:
    (text,) = Hash()([Identifier(0, 1, value, "ID", "ID")], fine_blank("sv")(""), Scope(key, "", "sv"))
    assert is_placeholder(text)


def test_the_oldest_stay_as_old_as_they_are_written() -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": "surrogate"})
    doc = nlp("Patienten är [90+] år gammal.")
    assert [ent.text for ent in doc.ents] == ["[90+] år gammal"]
    assert doc._.deid_text == doc.text
