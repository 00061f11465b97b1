"""The gate: a release needs an audit of the very notes behind it, within the budgets, or a stated reason."""

from pathlib import Path

import pytest
import spacy
import srsly

from spacy_deid.audit.inputs import describe
from spacy_deid.audit.run import refused
from spacy_deid.corpus.formats.docbin import write
from spacy_deid.errors import DeidError
from spacy_deid.release.gate import check_release

BUDGETS = """
[[budget]]
measure = "identifiers.rare.difference.low"
limit = 0.0
title = "Rare identifiers"
meaning = ""
reason = ""

[[budget]]
measure = "wheel.difference.low"
limit = 0.0
title = "Words left"
meaning = ""
reason = ""
optional = "Only with --wheel."
"""


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    nlp = spacy.blank("es")
    paths = {name: tmp_path / f"{name}.spacy" for name in ("synthetic", "members", "heldout")}
    for name, path in paths.items():
        write([nlp.make_doc(name)], path)
    return paths


@pytest.fixture
def budgets(tmp_path: Path) -> Path:
    (tmp_path / "budgets.toml").write_text(BUDGETS)
    return tmp_path / "budgets.toml"


@pytest.fixture
def audit(tmp_path: Path, inputs) -> Path:
    return save(tmp_path, inputs, low=-0.01)


def save(folder: Path, inputs, **difference) -> Path:
    found = {
        "inputs": {name: describe(path) for name, path in inputs.items()},
        "notes": {"synthetic": 1, "members": 1, "heldout": 1},
        "identifiers": {"rare": {"difference": difference}},
    }
    srsly.write_json(folder / "audit.json", found)
    return folder / "audit.json"


def test_an_audit_within_budget_passes(audit, inputs, budgets) -> None:
    gate = check_release(audit, inputs, objections=[], budgets=budgets, override="not needed")

    summary = gate.summary()
    assert (summary["passed"], summary["reasons"], summary["override"]) == (True, [], "")
    assert [(row["title"], row["over"]) for row in summary["budgets"]] == [
        ("Rare identifiers", False),
        ("Words left", None),  # only where there was a wheel to search
    ]


def over_budget(folder, inputs):
    save(folder, inputs, low=0.02)


def without_audit(folder, inputs):
    (folder / "audit.json").unlink()


def damaged(folder, inputs):
    (folder / "audit.json").write_text("[]")


def could_not_be_made(folder, inputs):
    srsly.write_json(folder / "audit.json", refused("the notes are few"))


def without_identifiers(folder, inputs):
    found = srsly.read_json(folder / "audit.json")
    del found["identifiers"]
    srsly.write_json(folder / "audit.json", found)


def without_the_figure(folder, inputs):
    save(folder, inputs)


def with_none_for_the_figure(folder, inputs):
    save(folder, inputs, low=None)


def other(name):
    def made_again(folder, inputs):
        write([spacy.blank("es").make_doc("made again")], inputs[name])

    return made_again


CASES = [
    (over_budget, "over budget: Rare identifiers (0.02, limit 0)"),
    (without_audit, "missing or damaged"),
    (damaged, "missing or damaged"),
    (could_not_be_made, "the notes are few"),
    (without_identifiers, "has not measured identifiers.rare.difference.low"),
    (without_the_figure, "has not measured identifiers.rare.difference.low"),
    (with_none_for_the_figure, "has not measured identifiers.rare.difference.low"),
    (other("synthetic"), "the synthetic notes are not those that were audited"),
    (other("members"), "the members notes are not those that were audited"),
    (other("heldout"), "the heldout notes are not those that were audited"),
]


@pytest.mark.parametrize(("change", "said"), CASES, ids=[change.__name__ for change, _ in CASES])
def test_anything_else_is_refused_unless_somebody_gives_a_reason(change, said, audit, inputs, budgets) -> None:
    change(audit.parent, inputs)

    with pytest.raises(DeidError) as refusal:
        check_release(audit, inputs, objections=[], budgets=budgets, override="  ")
    assert said in str(refusal.value)

    gate = check_release(audit, inputs, objections=[], budgets=budgets, override="for a test")
    assert not gate.summary()["passed"]
    assert gate.summary()["override"] == "for a test"
    assert said in gate.summary()["reasons"][0]


def test_an_audit_is_judged_by_the_budgets_of_today(audit, inputs, budgets) -> None:
    budgets.write_text(BUDGETS.replace("limit = 0.0", "limit = -1.0", 1))

    with pytest.raises(DeidError, match="over budget: Rare identifiers"):
        check_release(audit, inputs, objections=[], budgets=budgets)


def test_a_touched_file_with_the_same_notes_is_the_same(audit, inputs, budgets) -> None:
    for path in inputs.values():
        path.write_bytes(path.read_bytes())

    assert check_release(audit, inputs, objections=[], budgets=budgets).reasons == []


def test_without_an_audit_there_is_no_release(inputs) -> None:
    with pytest.raises(DeidError, match="no audit was given"):
        check_release(None, inputs, objections=[])


def test_what_speaks_against_the_pipeline_itself_is_a_reason_too(audit, inputs, budgets) -> None:
    with pytest.raises(DeidError, match="gate refuses: of other notes"):
        check_release(audit, inputs, objections=["of other notes"], budgets=budgets)

    gate = check_release(None, inputs, objections=["of other notes"], budgets=budgets, override="for a test")
    assert gate.reasons == ["no audit was given", "of other notes"]


def test_a_figure_that_is_text_is_a_damaged_audit(audit, inputs, budgets) -> None:
    save(audit.parent, inputs, low="0.0")

    with pytest.raises(DeidError, match=r"identifiers\.rare\.difference\.low is str, not a number"):
        check_release(audit, inputs, objections=[], budgets=budgets, override="for a test")
