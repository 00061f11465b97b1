"""The files of IN that are read, the runs that may write to OUT, and the outputs of earlier runs."""

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing

import pytest
from folders import snapshot

from spacy_deid.apply.inputs import check_places, input_files
from spacy_deid.apply.journal import Journal
from spacy_deid.apply.run import apply
from spacy_deid.errors import DeidError

FHIR = json.dumps({"resourceType": "Basic"})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_told_of_and_not_waited_for(nlp, source, out):
    (source / "a.txt").write_text("Bo", "utf8")
    for name in ("b.txt", "b.csv", "b.deid-manifest.json"):
        os.mkfifo(source / name)
    summary = apply(nlp, source, out, quiet=True)
    assert [(each.path, each.reason.split(":")[0]) for each in summary.failed] == [
        ("b.csv", "not a file"),
        ("b.deid-manifest.json", "not a file"),
        ("b.txt", "not a file"),
    ]
    assert snapshot(out) == {"a.txt": b"[NAME]"}
    with pytest.raises(DeidError, match="is a pipe or a device"):
        check_places(source / "b.txt", out)


def test_names_that_are_not_utf8_are_refused_before_anything_is_read(source, out):
    name = os.fsdecode(b"\xc5sa")
    (source / "a.txt").write_text("x", "utf8")
    with pytest.raises(DeidError, match=r"The name b'\\xc5sa' is not UTF-8"):
        check_places(source / "a.txt", out / name)
    try:
        (source / name).mkdir()
    except OSError:
        pytest.skip("this file system has UTF-8 only")
    (source / name / "1.txt").write_text("x", "utf8")
    with pytest.raises(DeidError, match=r"The name b'\\xc5sa/1.txt' is not UTF-8"):
        input_files(source, out)


# --- manifests


def test_manifests_of_earlier_runs_are_no_input(nlp, source, out, tmp_path):
    (source / "a.txt").write_text("Bo", "utf8")
    apply(nlp, source, out, quiet=True)
    apply(nlp, source / "a.txt", out / "b.txt", quiet=True)
    assert (out / "b.txt.deid-manifest.json").is_file()
    summary = apply(nlp, out, tmp_path / "again", quiet=True)
    assert summary.failed == []
    assert snapshot(tmp_path / "again") == {"a.txt": b"[NAME]", "b.txt": b"[NAME]"}


@pytest.mark.parametrize("name", ["deid-manifest.json", "Deid-Manifest.JSON", "deid-manifest.json/a.json"])
def test_another_file_in_the_place_of_the_manifest_is_refused(source, out, name):
    (source / name).parent.mkdir(exist_ok=True)
    (source / name).write_text(FHIR, "utf8")
    with pytest.raises(DeidError, match="has the name of a manifest"):
        input_files(source, out)


def test_elsewhere_it_is_a_file_like_any(source, out):
    (source / "ward").mkdir()
    (source / "ward" / "deid-manifest.json").write_text(FHIR, "utf8")
    assert input_files(source, out) == ["ward/deid-manifest.json"]


# --- two runs


HOLDER = """
import sys
from pathlib import Path
from spacy_deid.apply.journal import Journal

journal = Journal(Path(sys.argv[1]), Path("x"))
print("held", flush=True)
sys.stdin.read()
"""


def test_of_two_runs_in_one_place_the_second_is_told(nlp, source, out):
    (source / "a.txt").write_text("Bo", "utf8")
    apply(nlp, source, out, quiet=True)
    (source / "b.txt").write_text("Zutana", "utf8")
    journal = out.parent / ".out.deid-apply" / "journal.sqlite"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(journal)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(DeidError, match=f"Another run is writing to {out}"):
        apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"a.txt": b"[NAME]"}
    holder.kill()
    holder.wait()
    assert apply(nlp, source, out, quiet=True).failed == []
    assert snapshot(out) == {"a.txt": b"[NAME]", "b.txt": b"[NAME]"}


def test_the_lock_is_held_within_a_process_too_and_given_back(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path, tmp_path)), pytest.raises(DeidError, match="Another run is writing"):
        Journal(path, tmp_path)
    with closing(Journal(path, tmp_path)) as journal:
        assert journal.find("key", tmp_path) is None


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\x00"])
def test_a_damaged_journal_is_told_with_a_remedy(nlp, source, out, content):
    (source / "a.txt").write_text("Bo", "utf8")
    apply(nlp, source, out, quiet=True)
    (out.parent / ".out.deid-apply" / "journal.sqlite").write_bytes(content)
    with pytest.raises(DeidError, match="is damaged. Remedy: remove it together with what was written"):
        apply(nlp, source, out, quiet=True)


# --- earlier versions


@pytest.mark.parametrize("place", ["out", "out.txt"])
def test_an_out_that_an_earlier_version_began_is_refused_and_one_that_is_gone_is_not(nlp, source, tmp_path, place):
    (source / "a.txt").write_text("Bo", "utf8")
    given = source if place == "out" else source / "a.txt"
    out, state = tmp_path / place, tmp_path / f".{place}.deid-apply"
    apply(nlp, given, out, quiet=True)
    (state / "journal.sqlite").rename(state / "journal.jsonl")
    with pytest.raises(DeidError, match="was begun by an earlier version.*Remedy: name a new OUT"):
        apply(nlp, given, out, quiet=True)
    shutil.rmtree(out) if out.is_dir() else out.unlink()
    for _ in range(2):
        assert apply(nlp, given, out, quiet=True).documents == 1


# --- what earlier runs wrote


def test_outputs_of_inputs_that_changed_or_are_gone_are_removed(nlp, source, out):
    (source / "Quiroga").mkdir()
    (source / "Quiroga" / "1.txt").write_text("Hej", "utf8")
    (source / "Zutana.txt").write_text("Hej", "utf8")
    (source / "gone.csv").write_text("text\nBo\n", "utf8")
    (source / "same.txt").write_text("Hej", "utf8")
    apply(nlp, source, out, quiet=True)
    assert set(snapshot(out)) == {"Quiroga/1.txt", "Zutana.txt", "gone.csv", "same.txt"}
    (source / "Quiroga" / "1.txt").write_text("Quiroga", "utf8")
    (source / "Zutana.txt").write_text("Zutana", "utf8")
    (source / "gone.csv").unlink()
    assert apply(nlp, source, out, quiet=True).outdated == 3
    names = sorted(snapshot(out))
    assert [name[:9] for name in names] == ["document-", "document-", "same.txt"]
    assert not (out / "Quiroga").exists()
    manifest = json.loads((out / "deid-manifest.json").read_text("utf8"))
    assert sorted(each["output"] for each in manifest["files"]) == names


def test_outputs_stay_where_all_inputs_are_gone(nlp, source, out):
    (source / "a.txt").write_text("Bo", "utf8")
    apply(nlp, source, out, quiet=True)
    (source / "a.txt").unlink()
    assert apply(nlp, source, out, quiet=True).outdated == 0
    assert snapshot(out) == {"a.txt": b"[NAME]"}


def test_what_no_run_wrote_stays(nlp, source, out):
    (source / "a.txt").write_text("Bo", "utf8")
    (source / "b.txt").write_text("Bo", "utf8")
    apply(nlp, source, out, quiet=True)
    (out / "theirs.txt").write_text("x", "utf8")
    (out / "a.txt").write_text("changed by hand", "utf8")
    (source / "a.txt").unlink()
    apply(nlp, source, out, quiet=True)
    assert snapshot(out) == {"a.txt": b"changed by hand", "b.txt": b"[NAME]", "theirs.txt": b"x"}
