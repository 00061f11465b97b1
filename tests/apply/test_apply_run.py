"""`apply` over folders and files: what is written where, what is told, what fails, and how it goes on."""

import hashlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from spacy.language import Language

from spacy_deid.apply.document import Document, Leaf, distributed
from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings, redactor
from spacy_deid.apply.stream import apply_stream
from spacy_deid.apply.unit import SURVIVES
from spacy_deid.apply.windows import windows
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.offsets import Replacement

KILLS = 50


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return all files but hidden ones and the manifest."""
    paths = [path for path in folder.rglob("*") if path.is_file() and ".deid-apply" not in path.parts]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.name != "deid-manifest.json"
    }


def write_notes(source: Path, notes: int) -> None:
    for number in range(notes):
        (source / f"{number}.txt").write_text(f"Zutana ringde {number} om 780412-{1000 + number}.", "utf8")
    rows = [f"{number},Bo sov {number} timmar\n" for number in range(2 * notes)]
    (source / "rows.csv").write_text("id,text\n" + "".join(rows), "utf8")


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def test_folders_keep_their_form_and_the_manifest_tells_what_was_done(model, source, out, note):
    (source / "ward").mkdir()
    (source / "ward" / "a.TXT").write_bytes(note[0].encode("utf8"))
    (source / "b.csv").write_text("text\nZutana\nPlonk\n", "utf8")
    (source / ".hidden").write_text("Zutana", "utf8")
    summary = apply(str(model), source, out, quiet=True)
    assert snapshot(out) == {"ward/a.TXT": note[1].encode("utf8"), "b.csv": b"text\n[NAME]\n[OTHER]\n"}
    manifest = json.loads((out / "deid-manifest.json").read_text("utf8"))
    assert manifest["documents"] == summary.documents == 3
    assert manifest["redacted"] == {"DATE": 1, "ID": 1, "NAME": 3, "OTHER": 1}
    assert manifest["unknown_labels"] == summary.unknown == {"UNHEARD_OF": 1}
    assert manifest["policy"]["name"] == "mask"
    assert set(manifest["model"]) == {"name", "version", "sha256"}
    files = {each["output"]: each for each in manifest["files"]}
    for name in ("ward/a.TXT", "b.csv"):
        assert files[name]["input"] == hashlib.sha256((source / name).read_bytes()).hexdigest()
        assert files[name]["sha256"] == hashlib.sha256((out / name).read_bytes()).hexdigest()
    written = (out / "deid-manifest.json").read_text("utf8") + (out / ".deid-apply" / "journal.jsonl").read_text("utf8")
    assert not any(word in written for word in ("Zutana", "Quiroga", "780412", "Plonk"))
    assert [path.stat().st_mode & 0o077 for path in (out / "b.csv", out / "ward" / "a.TXT")] == [0, 0]


def test_two_processes_write_what_one_does(model, source, out, tmp_path):
    write_notes(source, 30)
    apply(str(model), source, out, quiet=True)
    apply(str(model), source, tmp_path / "two", Settings(processes=2), quiet=True)
    assert snapshot(tmp_path / "two") == snapshot(out)
    assert (tmp_path / "two" / "deid-manifest.json").read_text() == (out / "deid-manifest.json").read_text()


def test_standard_input_is_a_document_or_a_table(nlp):
    target = io.BytesIO()
    apply_stream(nlp, io.BytesIO(b"Zutana ringde"), target, "txt")
    assert target.getvalue() == b"[NAME] ringde"
    target = io.BytesIO()
    summary = apply_stream(nlp, io.BytesIO(b'{"text": "Bo"}\n{"text": 1}\n{"text": "x"}'), target, "jsonl")
    assert target.getvalue() == b'{"text": "[NAME]"}\n{"text": "x"}'
    assert [(each.document, each.reason) for each in summary.failed] == [("-, row 2", "the field 'text' holds no text")]


def test_the_pipelines_own_policy_counts_unless_another_is_named(nlp, source, tmp_path):
    nlp.add_pipe("deid_redact", config={"mode": "index"})
    (source / "a.txt").write_text("Zutana, Bo", "utf8")
    apply(nlp, source, tmp_path / "own", quiet=True)
    apply(nlp, source, tmp_path / "other", Settings(policy="mask"), quiet=True)
    assert (tmp_path / "own" / "a.txt").read_text() == "[NAME_1], [NAME_2]"
    assert (tmp_path / "other" / "a.txt").read_text() == "[NAME], [NAME]"
    assert nlp("Bo")._.deid_text == "[NAME_1]"  # the pipeline is as it was


def test_a_key_and_patients_decide_what_is_alike(nlp, source, tmp_path, key_file):
    rows = [("1", "a"), ("2", "a"), ("3", "b")]
    (source / "a.csv").write_text("id,patient,text\n" + "".join(f"{row},{who},Bo\n" for row, who in rows), "utf8")
    (source / "hash.toml").write_text('default = "hash"', "utf8")
    policy = str(source.rename(tmp_path / "inputs") / "hash.toml")
    settings = Settings(policy, key_file, "patient", id_column="id", patient_column="patient")
    apply(nlp, tmp_path / "inputs" / "a.csv", tmp_path / "a.csv", settings, quiet=True)
    first, second, third = [line.split(",")[2] for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
    assert first == second != third
    with pytest.raises(DeidError, match="no key"):
        apply(nlp, tmp_path / "inputs" / "a.csv", tmp_path / "b.csv", Settings(scope="project"), quiet=True)


# --- survival


def test_what_survives_fails_its_document_and_no_other(nlp, source, out, failures):
    # the light pipeline finds a word as it is written only
    (source / "bad.txt").write_text("Zutana kom. ZUTANA gick.", "utf8")
    (source / "good.txt").write_text("Zutana kom.", "utf8")
    (source / "rows.csv").write_text("text,who\nBo kom,x\nQuiroga kom,quiroga\n", "utf8")
    summary = apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"good.txt": b"[NAME] kom.", "rows.csv": b"text,who\n[NAME] kom,x\n"}
    assert failures(out / "deid-manifest.json") == {"bad.txt": SURVIVES, "rows.csv, row 2": SURVIVES}
    assert summary.documents == 4


def test_a_format_that_forgets_a_leaf_is_found_out(nlp, source, out, monkeypatch):
    # what is checked is what was written, not what was meant
    (source / "a.txt").write_text("Zutana kom.", "utf8")
    monkeypatch.setattr("spacy_deid.apply.formats.text.OpenedText.written", lambda *_: b"Zutana kom.")
    summary = apply(nlp, source, out, quiet=True)
    assert [each.reason for each in summary.failed] == [SURVIVES]
    assert snapshot(out) == {}


def test_a_name_that_names_somebody_becomes_a_neutral_one(nlp, source, out, tmp_path):
    (source / "Zutana").mkdir()
    (source / "Zutana" / "1.txt").write_text("Zutana kom.", "utf8")
    (source / "quiroga_780412-1234.txt").write_text("780412-1234 kom.", "utf8")
    (source / "plain.txt").write_text("Bo", "utf8")
    summary = apply(nlp, source, out, quiet=True)
    names = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.txt"))
    assert [name.startswith("document-") for name in names] == [True, True, False]
    assert summary.renamed == 2
    told = "".join(
        path.read_text("utf8") for path in (out / "deid-manifest.json", out / ".deid-apply" / "journal.jsonl")
    )
    assert not any(word in told.casefold() for word in ("zutana", "quiroga", "780412"))
    apply(nlp, source, tmp_path / "all", Settings(neutral_names=True), quiet=True)
    assert all(path.name.startswith("document-") for path in (tmp_path / "all").rglob("*.txt"))


def test_one_file_is_not_written_under_a_name_that_names_somebody(nlp, source, tmp_path):
    (source / "a.txt").write_text("Zutana kom.", "utf8")
    summary = apply(nlp, source / "a.txt", tmp_path / "zutana.txt", quiet=True)
    assert [each.reason for each in summary.failed] == [SURVIVES]
    assert not (tmp_path / "zutana.txt").exists()


# --- failures


def test_a_component_that_fails_on_a_document_sets_that_one_aside(source, out, nlp, failures):
    @Language.component("deid_test_fails")
    def fails(doc):
        if "Bo" in doc.text:
            raise ValueError(doc.text)
        return doc

    nlp.add_pipe("deid_test_fails")
    (source / "a.txt").write_text("Zutana", "utf8")
    (source / "b.txt").write_text("Bo hemligt", "utf8")
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"a.txt": b"[NAME]"}
    assert list(failures(out / "deid-manifest.json").values()) == ["ValueError"]


def test_a_failed_document_is_tried_again_and_an_outdated_output_removed(nlp, source, out):
    (source / "a.txt").write_text("Zutana", "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    (source / "a.txt").write_bytes(b"\xff")
    assert len(apply(nlp, source, out, quiet=True).failed) == 1
    assert snapshot(out) == {}
    (source / "a.txt").write_text("Bo", "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    assert snapshot(out) == {"a.txt": b"[NAME]"}


# --- long texts


@pytest.mark.parametrize("text", ["x" * 1000, "ab cd\n" * 300, "Hej. Du.\n\n" * 100, ""])
def test_windows_hold_every_character_once(text):
    pieces = windows(text, 64)
    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= 64
    if "\n" in text:
        assert all(piece.endswith("\n") for piece in pieces[:-1])


def test_nothing_of_a_long_text_is_cut_off(nlp, source, out, monkeypatch):
    monkeypatch.setattr("spacy_deid.apply.redactor.LONGEST", 500)
    nlp.add_pipe("deid_merge")  # finds again what another window named
    text = "Quiroga ringde.\n" + "Patienten mår bra.\n" * 200 + "Zutana Quiroga och QUIROGA sov.\n"
    (source / "a.txt").write_text(text, "utf8")
    assert apply(nlp, source, out, quiet=True).failed == []
    expected = text.replace("Zutana Quiroga", "[NAME]").replace("QUIROGA", "[NAME]").replace("Quiroga", "[NAME]")
    assert (out / "a.txt").read_text("utf8") == expected


def test_a_text_longer_than_spacy_reads_at_once(source, out):
    line = "Zutana mår bra, sover gott och äter som hon ska enligt planen.\n"
    (source / "a.txt").write_text(line * 5_000, "utf8")
    nlp = fine_blank("sv")
    nlp.max_length = 100_000
    assert apply(nlp, source, out, quiet=True).failed == []
    assert (out / "a.txt").read_text("utf8") == line * 5_000


# --- replacements over leaves


def test_a_replacement_over_leaves_stands_in_the_first():
    leaves = [Leaf("Anna"), Leaf("Ek", ""), Leaf("kom"), Leaf("ensam", " ")]
    assert Document(leaves).text == "AnnaEk\n\nkom ensam"
    assert distributed(leaves, [Replacement(2, 9, "[X]"), Replacement(13, 14, "")]) == ["An[X]", "", "om", "esam"]


def test_entities_that_overlap_a_labelled_leaf_keep_what_is_outside(nlp):
    with redactor(nlp, Settings()) as redact:
        (redacted,) = redact([Document([Leaf("Zutana", "", "ID"), Leaf(" Quiroga", "")])])
    assert redacted.leaves == ["[ID]", " [NAME]"]
    assert isinstance(redact, Redactor)


# --- resume


def test_a_run_that_is_done_does_nothing_more(nlp, source, out, monkeypatch):
    write_notes(source, 5)
    apply(nlp, source, out, quiet=True)
    before = snapshot(out) | {"manifest": (out / "deid-manifest.json").read_bytes()}
    monkeypatch.setattr(Redactor, "__call__", lambda self, documents: [1 / 0 for _ in documents])
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) | {"manifest": (out / "deid-manifest.json").read_bytes()} == before


def test_an_output_that_was_harmed_is_made_again(nlp, source, out):
    write_notes(source, 5)
    apply(nlp, source, out, quiet=True)
    before = snapshot(out)
    (out / "1.txt").write_text("", "utf8")
    (out / "rows.csv").unlink()
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) == before


def test_other_settings_do_not_go_on_with_what_was_begun(nlp, source, out):
    write_notes(source, 1)
    apply(nlp, source, out, quiet=True)
    with pytest.raises(DeidError, match=r"policy changed"):
        apply(nlp, source, out, Settings(policy="index"), quiet=True)


# each child of a warm process is one run, which saves loading spaCy fifty times; it tells when it has begun
RUNS = """
import os, sys
from pathlib import Path
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings, load

nlp = load(sys.argv[1])
for line in sys.stdin:
    out, processes = line.split()
    child = os.fork()
    if not child:
        try:
            apply(nlp, sys.argv[2], out, Settings(sys.argv[4], sys.argv[3], processes=int(processes)), quiet=True)
        finally:
            os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


def test_fifty_kills_lose_repeat_and_halve_nothing(model, source, tmp_path, key_file):
    write_notes(source, 60)
    policy = tmp_path / "hash.toml"  # every output depends on the key, and none on much time
    policy.write_text('default = "hash"', "utf8")
    process = subprocess.Popen(
        [sys.executable, "-c", RUNS, str(model), str(source), key_file, str(policy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(out: Path, seconds: float | None = None, processes: int = 1) -> float:
        process.stdin.write(f"{out} {processes}\n")
        process.stdin.flush()
        child, start = int(process.stdout.readline()), time.monotonic()
        if seconds is not None:
            time.sleep(seconds)
            os.kill(child, signal.SIGKILL)
        assert process.stdout.readline() == "ended\n"
        return time.monotonic() - start

    whole = run(tmp_path / "undisturbed")
    expected = snapshot(tmp_path / "undisturbed")
    assert len(expected) == 61
    originals = snapshot(source)
    manifest = (tmp_path / "undisturbed" / "deid-manifest.json").read_text("utf8")
    numbers = random.Random(0)
    kills = rounds = 0
    while kills < KILLS:
        out = tmp_path / f"out{rounds}"
        for _ in range(5):
            run(out, numbers.uniform(0, whole / 2), processes=1 + rounds % 2)
            kills += 1
            # whatever is there is whole
            assert snapshot(out).items() <= expected.items()
        run(out)
        assert snapshot(out) == expected
        assert (out / "deid-manifest.json").read_text("utf8") == manifest
        rounds += 1
    process.stdin.close()
    process.wait()
    assert snapshot(source) == originals
