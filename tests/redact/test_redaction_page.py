"""The code of docs/redaction.md works as written."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import spacy

from spacy_deid.lang.tokenization import fine_blank

PAGE = (Path(__file__).parents[2] / "docs" / "redaction.md").read_text("utf8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S)


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the page's Python, in its order, with rules alone in the place of deid_sv; return what it defined."""
    nlp = fine_blank("sv")
    for component in ("deid_rules", "deid_merge", "deid_redact"):
        nlp.add_pipe(component)
    nlp.to_disk(tmp_path / "pipeline")
    load = spacy.load
    monkeypatch.setattr(spacy, "load", lambda name, **options: load(tmp_path / "pipeline", **options))
    monkeypatch.chdir(tmp_path)
    for name, secret in (("deid.key", "ab" * 32), ("vault.pass", "a long passphrase")):
        Path(name).write_text(secret)
        Path(name).chmod(0o600)
    (toml,) = (text for kind, text in BLOCKS if kind == "toml")
    Path("ward.toml").write_text(toml)
    defined: dict[str, Any] = {}
    for kind, text in BLOCKS:
        if kind == "python" and "fastapi" not in text:
            exec(text, defined)  # noqa: S102  our own page
    return defined


def test_every_example_runs(scripts: dict[str, Any]) -> None:
    assert scripts["vault"].restore(scripts["redacted"]) == "Anna Ek ringde."


def test_several_threads_redact_at_once_and_no_word_stays(scripts: dict[str, Any]) -> None:
    notes = [f"Ring 070-174 06 {number:02}, om {'abcdefghij'[number % 10] * (3 + number)}." for number in range(5, 99)]
    before = len(scripts["nlp"].vocab.strings)
    with ThreadPoolExecutor(4) as threads:
        redacted = list(threads.map(scripts["redact"], notes))
    assert all("070" not in text and text.startswith("Ring ") for text in redacted)
    assert len(scripts["nlp"].vocab.strings) == before


def test_the_fastapi_example_redacts(scripts: dict[str, Any]) -> None:
    pytest.importorskip("fastapi")
    (example,) = (text for kind, text in BLOCKS if kind == "python" and "fastapi" in text)
    exec(example, scripts)  # noqa: S102  our own page
    assert "070" not in scripts["redact_note"](scripts["Note"](text="Ring 070-174 06 05."))["text"]


def test_the_page_names_every_mode_policy_and_category() -> None:
    from spacy_deid.labels import categories
    from spacy_deid.redact.policy import shipped_policies
    from spacy_deid.redact.replacer import MODES

    assert [name for name in (*MODES, *shipped_policies()) if f"| `{name}`" not in PAGE] == []
    assert [name for name in categories() if name not in PAGE] == []
