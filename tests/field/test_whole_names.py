"""A found name is widened by the words that belong to it, and its signature is found.

Left: what a model marked in the text, right: what comes out, see test_bounds.py.
"""

import pytest
from marked_text import Merge, after_model

from spacy_deid.lang.tokenization import fine_blank


@pytest.mark.parametrize(
    ("lang", "model", "right"),
    [
        ("sv", "Xerxe-<NAME>Ann</NAME> McZyrkan ringer", "<NAME>Xerxe-Ann McZyrkan</NAME> ringer"),
        ("sv", "O'<NAME>Zyrkan</NAME> söker", "<NAME>O'Zyrkan</NAME> söker"),
        ("sv", "O'Connor, Patrick söker", "<NAME>O'Connor</NAME>, <NAME>Patrick</NAME> söker"),
        ("sv", "Pat: McZyrkan, <NAME>Fiona</NAME>", "Pat: <NAME>McZyrkan, Fiona</NAME>"),
        (
            "sv",
            "Idag:\n- O'Connor, Patrick\n- Hb 120",
            "Idag:\n- <NAME>O'Connor</NAME>, <NAME>Patrick</NAME>\n- Hb 120",
        ),
        ("sv", "* McZyrkan, <NAME>Fiona</NAME>", "* <NAME>McZyrkan</NAME>, <NAME>Fiona</NAME>"),
        ("sv", "- Van der Berg, <NAME>Johan</NAME>", "- <NAME>Van der Berg</NAME>, <NAME>Johan</NAME>"),
        ("sv", "Mår väl, O'Connor, Patrick, åter", "Mår väl, <NAME>O'Connor</NAME>, <NAME>Patrick</NAME>, åter"),
        ("sv", "<NAME>José</NAME> García de la Torre söker", "<NAME>José García de la Torre</NAME> söker"),
        (
            "sv",
            "<NAME>Herbert</NAME> Hoover och <NAME>Jane</NAME> Smith",
            "<NAME>Herbert Hoover</NAME> och <NAME>Jane Smith</NAME>",
        ),
        ("sv", "<NAME>Ludwig</NAME> van der Zyrkan", "<NAME>Ludwig van der Zyrkan</NAME>"),
        ("sv", "<NAME>Karin</NAME> B. Zyrkan kom", "<NAME>Karin B. Zyrkan</NAME> kom"),
        (
            "sv",
            "Hj. <NAME>Zyrkan</NAME>, K-G <NAME>Qvalund</NAME>",
            "<NAME>Hj. Zyrkan</NAME>, <NAME>K-G Qvalund</NAME>",
        ),
        ("sv", "av K.G. <NAME>Zyrkan</NAME>", "av <NAME>K.G. Zyrkan</NAME>"),
        ("sv", "av K<CARE_UNIT>.</CARE_UNIT> <NAME>Zyrkan</NAME>", "av <NAME>K. Zyrkan</NAME>"),
        # an ordinary word behind a first name
        ("sv", "Dr <NAME>Karl</NAME> Ny undersökte", "Dr <NAME>Karl Ny</NAME> undersökte"),
        ("sv", "Dr <NAME>Eva</NAME> Lång, <NAME>Sven</NAME> Gran", "Dr <NAME>Eva Lång</NAME>, <NAME>Sven Gran</NAME>"),
        # particles that are nothing else
        ("sv", "<NAME>Zyrkan</NAME> da <NAME>Qvalund</NAME> kom", "<NAME>Zyrkan da Qvalund</NAME> kom"),
        ("sv", "<NAME>Zyrkan</NAME> van den <NAME>Qvalund</NAME>", "<NAME>Zyrkan van den Qvalund</NAME>"),
        ("sv", "<NAME>Zyrkan</NAME> de la Fontaine", "<NAME>Zyrkan de la Fontaine</NAME>"),
        ("sv", "<NAME>Zyrkan</NAME> och <NAME>Qvalund</NAME>", "<NAME>Zyrkan</NAME> och <NAME>Qvalund</NAME>"),
        # a title that is a surname too
        ("sv", "dietist <NAME>Lo Vik</NAME>", "dietist <NAME>Lo Vik</NAME>"),
        ("es", "<NAME>Zyrkan</NAME> de la Torre", "<NAME>Zyrkan de la Torre</NAME>"),
        ("es", "María <NAME>Zyrkan</NAME> acude", "<NAME>María Zyrkan</NAME> acude"),
    ],
)
def test_a_name_is_found_whole(merged: Merge, lang: str, model: str, right: str) -> None:
    assert merged(model, lang) == right


@pytest.mark.parametrize(
    ("lang", "model"),
    [
        ("sv", "Ringer <NAME>Zyrkan</NAME> sedan"),
        ("sv", "Son <NAME>Zyrkan</NAME>, LAB <NAME>Qvalund</NAME>"),
        ("sv", "<NAME>Karin</NAME> Alvedon 500 mg"),
        ("sv", "<NAME>Karin</NAME> Kontakt: ja"),
        ("sv", "<NAME>Karin</NAME> EKG"),
        ("sv", "<NAME>Karin Zyrkan</NAME>. Hon"),
        ("sv", "<NAME>Karin Zyrkan</NAME>\nUndersökning"),
        ("sv", "<NAME>Zyrkan</NAME> Undersöks"),
        ("es", "Acude <NAME>Zyrkan</NAME> hoy"),
        ("es", "<NAME>Zyrkan</NAME> de Urgencias"),
    ],
)
def test_what_stands_beside_a_name_and_is_none_stays(merged: Merge, lang: str, model: str) -> None:
    assert merged(model, lang) == model


def test_nothing_is_added_to_a_name_in_a_language_without_lists() -> None:
    nlp = fine_blank("de")
    nlp.add_pipe("deid_merge")
    assert [ent.text for ent in after_model(nlp, "<NAME>Anna</NAME> Ek, Frau <NAME>Dr Ek</NAME>").ents] == [
        "Anna",
        "Dr Ek",
    ]


@pytest.mark.parametrize(
    ("model", "right"),
    [
        ("<NAME>Xerxe Qvalund</NAME> (XeQv) ringde", "<NAME>Xerxe Qvalund</NAME> (<NAME>XeQv</NAME>) ringde"),
        ("<NAME>Xerxe Qvalund</NAME> (XQ)", "<NAME>Xerxe Qvalund</NAME> (<NAME>XQ</NAME>)"),
        ("<NAME>Åsa Qvalund</NAME> [ASQV01]", "<NAME>Åsa Qvalund</NAME> [<NAME>ASQV01</NAME>]"),
        ("<NAME>Xerxe Anna Qvalund</NAME>/XAQ", "<NAME>Xerxe Anna Qvalund</NAME>/<NAME>XAQ</NAME>"),
        # not made of the name, or of one word of it alone
        ("<NAME>Xerxe Qvalund</NAME> (DT)", "<NAME>Xerxe Qvalund</NAME> (DT)"),
        ("<NAME>Xerxe Qvalund</NAME> (QX)", "<NAME>Xerxe Qvalund</NAME> (QX)"),
        ("<NAME>Xerxe Qvalund</NAME> (Xe)", "<NAME>Xerxe Qvalund</NAME> (Xe)"),
        ("<NAME>Xerxe Qvalund</NAME> (XQ vid vila)", "<NAME>Xerxe Qvalund</NAME> (XQ vid vila)"),
        ("<NAME>Xerxe Qvalund</NAME>, XQ", "<NAME>Xerxe Qvalund</NAME>, XQ"),
    ],
)
def test_a_signature_beside_its_name_is_found(merged: Merge, model: str, right: str) -> None:
    assert merged(model) == right
