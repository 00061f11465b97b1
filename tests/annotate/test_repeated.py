"""deid_merge: an identifier is found wherever it is repeated, and a model's single error does not spread."""

import pytest
from spacy.tokens import Doc

from spacy_deid.extensions import char_spans
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import render


def marked(doc: Doc) -> str:
    return render(doc.text, char_spans(doc))


@pytest.mark.parametrize(
    ("model", "merged"),
    [
        # a full name: every word of it, its genitive and capitals
        ("<NAME>Anna Ekman</NAME>: Ekman, ANNA.", "<NAME>Anna Ekman</NAME>: <NAME>Ekman</NAME>, <NAME>ANNA</NAME>."),
        ("<NAME>Anna Ekman</NAME>: Annas", "<NAME>Anna Ekman</NAME>: <NAME>Annas</NAME>"),
        ("<NAME>Karins Ekman</NAME>: Karin", "<NAME>Karins Ekman</NAME>: <NAME>Karin</NAME>"),
        ("<NAME>ANNA EKMAN</NAME>: Anna", "<NAME>ANNA EKMAN</NAME>: <NAME>Anna</NAME>"),
        ("<NAME>Anna Ekman</NAME>\nAnna Ekman", "<NAME>Anna Ekman</NAME>\n<NAME>Anna Ekman</NAME>"),
        # words of their own only, in no other case, of three letters
        ("<NAME>Anna Ek</NAME>. Hanna, Annan, ek, Ek", "<NAME>Anna Ek</NAME>. Hanna, Annan, ek, Ek"),
        # not what is an ordinary word in this document
        ("<NAME>Stig Dag</NAME>. Dag 3, en dag. Stig", "<NAME>Stig Dag</NAME>. Dag 3, en dag. <NAME>Stig</NAME>"),
        # a name in lower case is none: the model says so
        ("<NAME>Stig Dag</NAME>. Dag. <NAME>dag</NAME>", "<NAME>Stig Dag</NAME>. <NAME>Dag</NAME>. <NAME>dag</NAME>"),
        # a single word: found twice, or at least half of the times
        ("<NAME>Anna</NAME>, Anna", "<NAME>Anna</NAME>, <NAME>Anna</NAME>"),
        ("<NAME>Rubriken</NAME>, Rubriken, Rubriken", "<NAME>Rubriken</NAME>, Rubriken, Rubriken"),
        ("<NAME>Eva</NAME>, <NAME>Eva</NAME>, Eva, Eva, Eva", ", ".join(["<NAME>Eva</NAME>"] * 5)),
        # guards, and what is something else
        ("<NAME>Anna Parkinsons</NAME>, Parkinsons sjukdom", "<NAME>Anna Parkinsons</NAME>, Parkinsons sjukdom"),
        ("<NAME>Anna Berg</NAME>, <LOCATION>Berg</LOCATION>", "<NAME>Anna Berg</NAME>, <LOCATION>Berg</LOCATION>"),
        # numbers and addresses
        ("<PHONE>090-12 34</PHONE>, 090-12 34", "<PHONE>090-12 34</PHONE>, <PHONE>090-12 34</PHONE>"),
        ("<PHONE>090-12 34</PHONE>, 1090-12 34", "<PHONE>090-12 34</PHONE>, 1090-12 34"),
        ("case 12345: 12345, 123456", "case <ID>12345</ID>: <ID>12345</ID>, 123456"),
        ("<ID>123</ID>, 123", "<ID>123</ID>, 123"),
        # in other forms of a number
        ("<ID>850412-1234</ID>: 19850412-1234, 8504121235", "<ID>850412-1234</ID>: <ID>19850412-1234</ID>, 8504121235"),
        ("<PHONE>090-123 45 67</PHONE>, 0901234567", "<PHONE>090-123 45 67</PHONE>, <PHONE>0901234567</PHONE>"),
        ("<PHONE>+46901234567</PHONE>, 090 123 45 67", "<PHONE>+46901234567</PHONE>, <PHONE>090 123 45 67</PHONE>"),
        # dates and places mean something else elsewhere
        ("<LOCATION>Umeå Norr</LOCATION>, Norr", "<LOCATION>Umeå Norr</LOCATION>, Norr"),
    ],
)
def test_repetitions(with_model, model: str, merged: str) -> None:
    assert marked(with_model(model)) == merged


def test_repetitions_have_label_and_score_of_what_they_repeat(with_model) -> None:
    doc = with_model("dr Ekman, Ekman; <NOMBRE_PERSONAL_SANITARIO>Bo Lind</NOMBRE_PERSONAL_SANITARIO>; Lind")
    assert [(ent.label_, ent._.deid_source, ent._.deid_score) for ent in doc.ents] == [
        ("NAME", "rule:doctor", 0.9),
        ("NAME", "repeated", 0.9),
        ("NOMBRE_PERSONAL_SANITARIO", "model", None),
        ("NOMBRE_PERSONAL_SANITARIO", "repeated", None),
    ]


def test_repetitions_can_be_left_out(small_rules) -> None:
    nlp = fine_blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config={"propagate": False})
    assert marked(nlp("dr Ekman, Ekman")) == "dr <NAME>Ekman</NAME>, Ekman"
