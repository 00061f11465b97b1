"""The Python interface does what the commands do, and its names never clash with the packages behind them."""

import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from spacy_deid.api import apply, audit, evaluate, redact
from spacy_deid.apply.settings import Settings
from spacy_deid.errors import DeidError

NOTE = "Ring 070-174 06 33 eller mejla gunvor@example.se."


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("sv")
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    return nlp


def corpus(path: Path, nlp: Language, texts: list[str]) -> Path:
    docs: list[Doc] = list(nlp.pipe(texts))
    for number, doc in enumerate(docs):
        doc._.deid_id = f"{path.stem} {number}"
    DocBin(store_user_data=True, docs=docs).to_disk(path)
    return path


def test_a_text_is_redacted(nlp: Language) -> None:
    assert redact(NOTE, nlp) == "Ring [PHONE] eller mejla [EMAIL]."
    assert redact(NOTE, nlp, Settings(policy="index")) == "Ring [PHONE_1] eller mejla [EMAIL_1]."


def test_line_ends_of_a_text_stay(nlp: Language) -> None:
    assert redact("\ufeffRing 070-174 06 33\r\n\r\nFN\n", nlp) == "\ufeffRing [PHONE]\r\n\r\nFN\n"


def test_a_text_in_which_a_value_survives_is_an_error_without_the_value() -> None:
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": "Gunvor Hedlund"}])

    with pytest.raises(DeidError) as error:
        redact("Gunvor Hedlund ringde. GUNVOR HEDLUND svarade inte.", nlp)

    assert "not redacted" in str(error.value)
    assert "hedlund" not in str(error.value).casefold()


def test_documents_are_redacted(nlp: Language, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text(NOTE, "utf8")

    summary = apply(nlp, tmp_path / "notes", tmp_path / "redacted", quiet=True)

    assert summary.failed == []
    assert (tmp_path / "redacted" / "a.txt").read_text("utf8") == "Ring [PHONE] eller mejla [EMAIL]."


def test_a_pipeline_is_evaluated(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    gold = corpus(tmp_path / "gold.spacy", nlp, [NOTE, "Mår bra."])

    metrics = evaluate(str(tmp_path / "pipeline"), gold, tmp_path / "metrics.json", quiet=True)

    assert metrics["scores"]["strict_f1"]["value"] == 1
    assert (tmp_path / "metrics.json").is_file()


def test_an_audit_refuses_too_few_notes(nlp: Language, tmp_path: Path) -> None:
    few = [corpus(tmp_path / f"{name}.spacy", nlp, [f"{name} {NOTE}"]) for name in ("synthetic", "members", "heldout")]

    with pytest.raises(DeidError):
        audit(*few, quiet=True)


def test_functions_and_packages_stay_distinct_in_any_order_of_imports() -> None:
    code = (
        "import spacy_deid.apply.run, spacy_deid.audit.run\n"
        "from spacy_deid.api import apply, audit, evaluate, redact\n"
        "import spacy_deid.redact.component\n"
        "import spacy_deid\n"
        "assert all(map(callable, (apply, audit, evaluate, redact)))\n"
        "assert spacy_deid.apply.run.apply is not apply and spacy_deid.redact.component.DeidRedact"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


def test_importing_the_package_alone_loads_nothing() -> None:
    code = "import sys; before = set(sys.modules); import spacy_deid; print(*set(sys.modules) - before)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.split() == ["spacy_deid"]
