"""What deid_redact wrote is known when it is read again, and stays as it is."""

import pytest

from spacy_deid.annotate.placeholders import find_placeholders, is_placeholder
from spacy_deid.labels import categories
from spacy_deid.lang.tokenization import fine_blank


@pytest.mark.parametrize("category", categories())
def test_every_category_has_placeholders(category: str) -> None:
    text = f"a[{category}]b [{category}_12], {category}"
    found = [(text[match.start : match.end], match.label) for match in find_placeholders(text)]
    assert found == [(f"[{category}]", category), (f"[{category}_12]", category)]


# a number of ten digits might be somebody's
@pytest.mark.parametrize("text", ["[NAME", "NAME_1", "[name]", "[WARD]", "[ID_7804121234]", "[NAME_x]", "[10-19]"])
def test_other_brackets_are_text(text: str) -> None:
    assert list(find_placeholders(text)) == []
    assert not is_placeholder(text)


@pytest.mark.parametrize("lang", ["sv", "es"])
@pytest.mark.parametrize("mode", ["mask", "index", "surrogate"])
def test_to_redact_again_changes_nothing(lang: str, mode: str) -> None:
    nlp = fine_blank(lang)
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": mode})
    text = "[NAME_1] (tel. [PHONE_2]), [NAME_2]: [DATE]; [AGE], [CARE_UNIT_1]"
    doc = nlp(text)
    assert [ent.text for ent in doc.ents] == [
        *("[NAME_1]", "[PHONE_2]", "[NAME_2]", "[DATE]", "[AGE]", "[CARE_UNIT_1]"),
    ]
    assert doc._.deid_text == text


def test_the_oldest_stay_as_old_as_they_are_written() -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    nlp.add_pipe("deid_redact", config={"mode": "surrogate"})
    doc = nlp("Patienten är [90+] år gammal.")
    assert [ent.text for ent in doc.ents] == ["[90+] år gammal"]
    assert doc._.deid_text == doc.text
