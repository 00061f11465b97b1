"""Entities have bounds: none crosses the end of a sentence, cell or line, and none holds half a code.

Left: what a model marked in the text, right: what comes out. The model is a stand-in, so that each table shows how the
merge corrects a mistake; the rules and lists are the language's own.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from marked_text import Merge
from spacy.language import Language

from spacy_deid.extensions import sourced_span

# --- the end of a sentence, a cell, a block and a line


@pytest.mark.parametrize(
    ("lang", "model", "right"),
    [
        ("sv", "<NAME>Xerxe Qvalund. Hon mår bra</NAME>", "<NAME>Xerxe Qvalund</NAME>. Hon mår bra"),
        ("sv", "<NAME>Xerxe Qvalund! Patienten sover</NAME>", "<NAME>Xerxe Qvalund</NAME>! Patienten sover"),
        (
            "sv",
            "bor på <ORGANIZATION>Qvabo. Äter bra</ORGANIZATION>",
            "bor på <ORGANIZATION>Qvabo</ORGANIZATION>. Äter bra",
        ),
        # what looks like an identifier stays in every part
        ("sv", "<NAME>Xerxe Qvalund. Zyrkan</NAME>", "<NAME>Xerxe Qvalund</NAME>. <NAME>Zyrkan</NAME>"),
        ("sv", "<OTHER>sov. Rum 4711</OTHER>", "<OTHER>sov</OTHER>. <OTHER>Rum 4711</OTHER>"),
        # abbreviations, titles and initials end no sentence
        ("sv", "<CARE_UNIT>Avd. Qvabo</CARE_UNIT>", "<CARE_UNIT>Avd. Qvabo</CARE_UNIT>"),
        ("sv", "<NAME>A. Zyrkan</NAME>", "<NAME>A. Zyrkan</NAME>"),
        ("sv", "<NAME>Th. Zyrkan</NAME>", "<NAME>Th. Zyrkan</NAME>"),
        ("es", "<LOCATION>Avda. Zyrkan</LOCATION>", "<LOCATION>Avda. Zyrkan</LOCATION>"),
        # "Ek" is a name, and no short form
        ("sv", "<NAME>Xerxe Ek. Sover</NAME>", "<NAME>Xerxe Ek</NAME>. Sover"),
        # cells and blank lines
        ("sv", "<NAME>Xerxe\tZyrkan</NAME>", "<NAME>Xerxe</NAME>\t<NAME>Zyrkan</NAME>"),
        ("sv", "|<NAME>Xerxe | Zyrkan</NAME>|", "|<NAME>Xerxe</NAME> | <NAME>Zyrkan</NAME>|"),
        ("sv", "<NAME>Xerxe\n\nZyrkan</NAME>", "<NAME>Xerxe</NAME>\n\n<NAME>Zyrkan</NAME>"),
        ("sv", "<NAME>Xerxe\r\n \r\nZyrkan</NAME>", "<NAME>Xerxe</NAME>\r\n \r\n<NAME>Zyrkan</NAME>"),
        ("sv", "<NAME>Xerxe\tSover bra</NAME>", "<NAME>Xerxe</NAME>\tSover bra"),
        # a line of its own
        ("sv", "<NAME>Xerxe Zyrkan\nAdress</NAME>: okänd", "<NAME>Xerxe Zyrkan</NAME>\nAdress: okänd"),
        # a wrapped one goes on
        (
            "sv",
            "Patienten söker i dag på grund av hosta och bor på <LOCATION>Qvagatan\n12 B</LOCATION>",
            "Patienten söker i dag på grund av hosta och bor på <LOCATION>Qvagatan\n12 B</LOCATION>",
        ),
        ("sv", "<NAME>Qva-\nzyrkan</NAME>", "<NAME>Qva-\nzyrkan</NAME>"),
        # a whole sentence that a model ran into
        (
            "es",
            "Acude con su <OTHER>hermano. Se solicita analítica y se cita en consultas externas</OTHER>.",
            "Acude con su <OTHER>hermano</OTHER>. Se solicita analítica y se cita en consultas externas.",
        ),
    ],
)
def test_an_entity_ends_where_its_sentence_cell_or_line_ends(merged: Merge, lang: str, model: str, right: str) -> None:
    assert merged(model, lang) == right


def test_what_the_record_knows_is_cut_at_a_blank_line_and_stays_whole(pipelines: dict[str, Language]) -> None:
    doc = pipelines["sv"].make_doc("Xerxe\n\nSover")
    doc._.deid_known = [{"label": "NAME", "value": "Xerxe Sover"}]
    doc = pipelines["sv"](doc)
    assert [ent.text for ent in doc.ents] == ["Xerxe", "Sover"]


# --- codes: whole or not at all


@pytest.mark.parametrize(
    ("model", "right"),
    [
        ("<PHONE>550e8400</PHONE>-e29b-41d4-a716-446655440000", "<ID>550e8400-e29b-41d4-a716-446655440000</ID>"),
        ("id 550e8400-e29b-<ID>41d4</ID>-a716-446655440000", "id <ID>550e8400-e29b-41d4-a716-446655440000</ID>"),
        ("a7c<PHONE>0701234567</PHONE>def", "<PHONE>a7c0701234567def</PHONE>"),
        ("hash d41d8cd98f00b204e980<DATE>0998</DATE>ecf8427e", "hash <ID>d41d8cd98f00b204e9800998ecf8427e</ID>"),
        # with a check digit: somebody
        ("a7c8504122386def0", "<ID>a7c8504122386def0</ID>"),
        # other codes: whole, whatever the part
        ("nr <ID>22460324</ID>AB1C", "nr <ID>22460324AB1C</ID>"),
        ("pass K<PHONE>0867756</PHONE>N", "pass <ID>K0867756N</ID>"),
        # beside other claims: nothing is lost, and nothing covered twice
        ("pass K<PHONE>0867756</PHONE><AGE>N.</AGE> Mår", "pass <ID>K0867756N</ID>. Mår"),
        ("<NAME>Bo K</NAME><PHONE>0867756</PHONE>N", "<NAME>Bo K0867756N</NAME>"),
        ("<ID>ZQ12</ID>rt<ID>4471</ID>", "<ID>ZQ12rt4471</ID>"),
        # a word before a number is no code
        ("tel<PHONE>0701234567</PHONE>", "tel<PHONE>0701234567</PHONE>"),
        ("rum <ID>4711</ID>ab", "rum <ID>4711</ID>ab"),
    ],
)
def test_a_code_is_replaced_whole_or_not_at_all(merged: Merge, model: str, right: str) -> None:
    assert merged(model) == right


# --- properties

PIECES = st.sampled_from(
    [
        "Anna",
        "Zyrkan",
        "sover",
        "Hon",
        "dr",
        "Dr.",
        "A.",
        "850412-2386",
        "12/4",
        "slut.",
        "Va?",
        "\t",
        "\n\n",
        "\n",
        "Lyrica",
        "200 mg",
        ",",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=12), data=st.data())
def test_bounds_hold_and_nothing_certain_is_lost(pipelines: dict[str, Language], pieces: list[str], data) -> None:
    nlp = pipelines["sv"]
    doc = nlp.make_doc(" ".join(pieces))
    borders = sorted(data.draw(st.sets(st.integers(0, len(doc)), max_size=6)))
    label = st.sampled_from(["NAME", "OTHER", "LOCATION"])
    pairs = zip(borders[::2], borders[1::2], strict=False)
    doc.set_ents([sourced_span(doc, start, end, data.draw(label), "", None) for start, end in pairs])
    doc = nlp(doc)
    for ent in doc.ents:
        assert "\t" not in ent.text
        assert "\n\n" not in ent.text.replace(" ", "")
        assert not any(
            f"{end} {start}" in ent.text for end in ("slut.", "Va?") for start in ("Anna", "Hon", "Zyrkan", "A.")
        )
    for span in doc.spans["deid_rules"]:
        if span._.deid_score == 1.0:
            assert all(token.ent_type for token in span)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(digits=st.lists(st.sampled_from("0123456789abcdef"), min_size=32, max_size=32), data=st.data())
def test_no_entity_is_a_part_of_a_uuid(pipelines: dict[str, Language], digits: list[str], data) -> None:
    groups = ["".join(digits[start:end]) for start, end in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))]
    uuid = "-".join(groups)
    nlp = pipelines["sv"]
    doc = nlp.make_doc(f"nyckel {uuid} anges")
    start = data.draw(st.integers(1, len(doc) - 2))
    end = data.draw(st.integers(start + 1, len(doc) - 1))
    doc.set_ents([sourced_span(doc, start, end, data.draw(st.sampled_from(["ID", "PHONE", "DATE"])), "", None)])
    assert {ent.text for ent in nlp(doc).ents} <= {uuid}
