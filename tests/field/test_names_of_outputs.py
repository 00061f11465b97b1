"""The promise: the output does not reveal the name or the contents of an original or its file."""

import hashlib
import json
import shutil

import pytest

from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank

NOTE = "Pat Anna Svensson, 19460324-4432, född 24 mars 1946."
FOUND = {"NAME": ["Anna Svensson"], "ID": ["19460324-4432"], "DATE": ["24 mars 1946"]}
NEUTRAL = Settings(neutral_names=True)
NUMBERS = ("194603244432.txt", "194612122345.txt", "ward/195001010008.txt")


@pytest.fixture
def nlp():
    """A pipeline that finds what stands in NOTE, as it is written there."""
    nlp = fine_blank("sv")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": value} for label, values in FOUND.items() for value in values])
    return nlp


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in"
    for name in NUMBERS:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(f"Pat Anna Svensson, rum {name[-7:-4]}.", "utf8")
    return path


def outputs(out):
    return sorted(path.relative_to(out).as_posix() for path in out.rglob("*.txt"))


def test_neutral_names_cannot_be_computed_from_the_originals(nlp, source, tmp_path):
    apply(nlp, source, tmp_path / "a", NEUTRAL, quiet=True)
    apply(nlp, source, tmp_path / "b", NEUTRAL, quiet=True)
    names = outputs(tmp_path / "a")
    assert len(names) == len(NUMBERS)
    assert all(name.startswith("document-") for name in names)
    # the same originals, with the same names, have others elsewhere
    assert not set(names) & set(outputs(tmp_path / "b"))


def test_a_run_that_goes_on_gives_the_same_names(nlp, source, tmp_path):
    apply(nlp, source, tmp_path / "a", NEUTRAL, quiet=True)
    names = outputs(tmp_path / "a")
    (source / "more.txt").write_text("Ny kontroll.", "utf8")
    apply(nlp, source, tmp_path / "a", NEUTRAL, quiet=True)
    assert set(names) < set(outputs(tmp_path / "a"))


def test_nothing_that_is_given_away_holds_a_hash_of_an_original(nlp, source, tmp_path):
    out = tmp_path / "out"
    apply(nlp, source, out, NEUTRAL, quiet=True)
    given = "".join(path.read_text("utf8") for path in out.rglob("*") if path.is_file())
    kept = "".join(path.read_text("utf8", "replace") for path in (tmp_path / ".out.deid-apply").iterdir())
    for name in NUMBERS:
        digest = hashlib.sha256((source / name).read_bytes()).hexdigest()
        assert digest not in given
        assert digest in kept  # the holder can tell which original it was
        assert name not in given + kept
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith("document-")) == [
        ".deid-apply",
        "deid-manifest.json",
    ]
    assert (tmp_path / ".out.deid-apply").stat().st_mode & 0o077 == 0


def test_neither_the_order_nor_the_time_of_outputs_is_that_of_their_originals(nlp, source, tmp_path):
    apply(nlp, source, tmp_path / "out", NEUTRAL, quiet=True)
    manifest = json.loads((tmp_path / "out" / "deid-manifest.json").read_text("utf8"))
    assert [each["output"] for each in manifest["files"]] == outputs(tmp_path / "out")
    assert len({(tmp_path / "out" / name).stat().st_mtime for name in outputs(tmp_path / "out")}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Svensson epikris.txt",
        "svensson_a.txt",
        "AnnaSvensson.txt",
        "460324.txt",
        "1946-03-24.txt",
        "4603244432.txt",
        "Svensson/epikris.txt",
        "ward 3/svensson, a/1.txt",
        "1946/460324/1.txt",
    ],
)
def test_a_part_of_a_redacted_value_in_a_name_or_folder_makes_it_neutral(nlp, tmp_path, name):
    (tmp_path / "in" / name).parent.mkdir(parents=True)
    (tmp_path / "in" / name).write_text(NOTE, "utf8")
    summary = apply(nlp, tmp_path / "in", tmp_path / "out", quiet=True)
    assert (summary.failed, summary.renamed) == ([], 1)
    (written,) = outputs(tmp_path / "out")
    assert written.startswith("document-")


@pytest.mark.parametrize("first", ["Svensson/a.txt", "Svensson/2023/a.txt", "Svensson/z.txt"])
def test_a_folder_that_names_somebody_of_one_note_is_not_written_for_any(nlp, tmp_path, first):
    """The other notes do not repeat the name; they come before or after it, in this run or an earlier one."""
    for name, text in {first: "sov gott", "Svensson/m.txt": NOTE, "ward/Svensson/b.txt": "sov", "c.txt": "sov"}.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(text, "utf8")
    (tmp_path / "in" / "Svensson" / "x.csv").write_text("nr,text\n1,2,3\n", "utf8")
    for _ in range(2):
        summary = apply(nlp, tmp_path / "in", tmp_path / "out", quiet=True)
        neutral = [name for name in outputs(tmp_path / "out") if name.startswith("document-")]
        assert (len(neutral), summary.renamed) == (2, 2)
        assert sorted({*outputs(tmp_path / "out")} - {*neutral}) == ["c.txt", "ward/Svensson/b.txt"]
        manifest = (tmp_path / "out" / "deid-manifest.json").read_text("utf8")
        assert "Svensson/" not in manifest.replace("ward/Svensson/", "")
        assert summary.not_written == 1
    late = tmp_path / "in" / "Svensson" / "late.txt"
    late.write_text("sov sent", "utf8")
    apply(nlp, tmp_path / "in", tmp_path / "out", quiet=True)
    assert not (tmp_path / "out" / "Svensson").exists()


@pytest.mark.parametrize("name", ["epikris 3.txt", "ward 12/2024-01-05.txt", "annan.txt"])
def test_a_name_that_says_nothing_of_what_was_redacted_stays(nlp, tmp_path, name):
    (tmp_path / "in" / name).parent.mkdir(parents=True)
    (tmp_path / "in" / name).write_text(NOTE, "utf8")
    apply(nlp, tmp_path / "in", tmp_path / "out", quiet=True)
    assert outputs(tmp_path / "out") == [name]


# --- the state beside OUT


def test_an_out_of_an_earlier_version_is_refused(nlp, source, tmp_path):
    (tmp_path / "out" / ".deid-apply").mkdir(parents=True)
    with pytest.raises(DeidError, match=r"earlier version.*Remedy"):
        apply(nlp, source, tmp_path / "out", quiet=True)


def test_a_folder_that_took_the_place_of_an_out_is_left_alone(nlp, source, tmp_path):
    apply(nlp, source, tmp_path / "out", quiet=True)
    shutil.rmtree(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "194603244432.txt").write_text("theirs", "utf8")
    with pytest.raises(DeidError, match="not begun by this command"):
        apply(nlp, source, tmp_path / "out", quiet=True)
    assert (tmp_path / "out" / "194603244432.txt").read_text("utf8") == "theirs"


def test_an_out_that_was_removed_is_begun_anew(nlp, source, tmp_path):
    apply(nlp, source, tmp_path / "out", quiet=True)
    shutil.rmtree(tmp_path / "out")
    apply(nlp, source, tmp_path / "out", Settings(policy="index"), quiet=True)
    assert outputs(tmp_path / "out") == sorted(NUMBERS)


def test_a_disk_of_its_own_is_refused(nlp, source, tmp_path, monkeypatch):
    monkeypatch.setattr("pathlib.Path.is_mount", lambda self: True)
    with pytest.raises(DeidError, match=r"another disk.*Remedy.*out/redacted"):
        apply(nlp, source, tmp_path / "out", quiet=True)


def test_the_manifest_calls_a_package_by_its_name(nlp, source, tmp_path):
    nlp.meta.update(lang="deid", name="sv")  # as in a wheel
    apply(nlp, source, tmp_path / "out", quiet=True)
    assert json.loads((tmp_path / "out" / "deid-manifest.json").read_text("utf8"))["model"]["name"] == "deid_sv"


# --- what is told of a value that survives


def failed(nlp, tmp_path, name, text):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / name).write_text(text, "utf8")
    return [each.reason for each in apply(nlp, tmp_path / "one", tmp_path / "out", quiet=True).failed]


def test_a_survivor_in_the_text_is_told_by_category_and_offsets(nlp, tmp_path):
    (reason,) = failed(nlp, tmp_path, "a.txt", "Hej! Pat Anna Svensson kom. Ring svensson.")
    assert "NAME that began at character 10 of the text" in reason
    # of "Hej! Pat [NAME] kom. Ring svensson."
    assert "at character 27 of the output" in reason
    assert "svensson" not in reason.casefold()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "nr,fornamn,efternamn,text\n1,Anna,Svensson,Pat Anna Svensson ringer\n"),
        ("a.csv", "efternamn,text\nsvensson,Pat Anna Svensson ringer\n"),
        ("a.csv", "born,text\n460324,född 24 mars 1946\n"),
        ("a.csv", "born,text\n1946-03-24,nr 19460324-4432\n"),
        ("a.csv", "login;text\nasvensson;Pat Anna Svensson ringer\n"),
        ("a.jsonl", '{"text": "Pat Anna Svensson", "meta": {"author": {"first": "Anna", "last": "x"}}}'),
        ("a.jsonl", '{"text": "Pat Anna Svensson", "meta": {"svensson": {"x": [1]}}}'),
    ],
)
def test_a_part_of_a_value_in_another_column_fails_the_row(nlp, tmp_path, name, text):
    (reason,) = failed(nlp, tmp_path, name, text)
    assert reason.startswith("a redacted value is still in the output")
    assert not any(word in reason.casefold() for word in ("anna", "svensson", "1946", "4603"))


@pytest.mark.parametrize(
    "text",
    [
        "nr,price,text\n1946,24.3,Pat Anna Svensson född 24 mars 1946\n",
        "comment,text\nannan svensk,Pat Anna Svensson\n",
        "year,text\n1946,nr 19460324-4432\n",
    ],
)
def test_other_words_and_numbers_in_columns_fail_no_row(nlp, tmp_path, text):
    assert failed(nlp, tmp_path, "a.csv", text) == []
