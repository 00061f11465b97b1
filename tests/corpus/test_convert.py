import json
import re
from pathlib import Path

import pytest
from spacy.tokens import DocBin
from spacy.vocab import Vocab
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.convert import convert
from spacy_deid.corpus.intake import Intake
from spacy_deid.errors import DeidError

ANN = "T1\tNAME 0 6\tAna Ek\nT2\tAGE 8 10\t54\n"


def test_the_formats_hold_the_same_notes_all_the_way_round(brat_folder, tmp_path):
    folder = brat_folder(**{"s1-1": ("Ana Ek, 54.\r\n", ANN), "s1-2": ("🙂", "")})
    steps = [tmp_path / "a.spacy", tmp_path / "a.jsonl", tmp_path / "b.spacy", tmp_path / "brat2", tmp_path / "c.jsonl"]
    source = folder
    for out in steps:
        report = convert(
            source, out, to="" if out.suffix else "brat", intake=Intake(group_pattern=r"(.+)-\d"), quiet=True
        )
        assert (report.notes, report.spans) == (2, 2)
        source = out
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "c.jsonl").read_bytes()
    assert (tmp_path / "brat2" / "s1-1.txt").read_bytes() == (folder / "s1-1.txt").read_bytes()
    assert (tmp_path / "brat2" / "s1-1.ann").read_text() == ANN
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0])["group"] == "s1"


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "dev"])
def test_meddocan_loses_no_span_and_widens_fewer_than_one_in_a_thousand(meddocan, tmp_path, split):
    report = convert(meddocan / split / "brat", tmp_path / "x.spacy", format="brat", lang="es", quiet=True)
    print(split, report.as_dict())  # noqa: T201
    expected = {"train": (500, 11_333), "dev": (250, 5_801)}[split]
    assert (report.notes, report.spans) == expected
    assert report.overlapping == report.duplicates == report.empty == 0
    assert report.widened < 0.001 * report.spans
    docs = list(DocBin().from_disk(tmp_path / "x.spacy").get_docs(Vocab()))
    assert sum(len(doc.ents) for doc in docs) == sum(len(doc._.deid_gold) for doc in docs) == report.spans


def test_a_group_pattern_that_fits_no_id_is_an_error_since_patients_would_be_torn_apart(brat_folder, tmp_path):
    folder = brat_folder(**{"p01-1": ("Ana", ""), "p01-2": ("Eva", "")})
    with pytest.raises(DeidError, match=r"'\(p\[0-9\]\)-' matches none of the 2 note ids.*Remedy: .*p07-2"):
        convert(folder, tmp_path / "x.spacy", intake=Intake(group_pattern="(p[0-9])-"), quiet=True)
    assert not (tmp_path / "x.spacy").exists()


def test_a_group_pattern_is_not_needed_where_the_notes_bring_their_groups(brat_folder, tmp_path):
    folder = brat_folder(**{"p01-1": ("Ana", "")})
    (folder / "groups.tsv").write_text("p01-1\tpatient 1\n")
    assert convert(folder, tmp_path / "x.spacy", intake=Intake(group_pattern="nowhere"), quiet=True).notes == 1


def test_a_group_pattern_that_cannot_be_read_is_shown_as_it_was_typed():
    with pytest.raises(DeidError, match=re.escape(r"'(.+-\d+'") + ".*Remedy: "):
        Intake(group_pattern=r"(.+-\d+")


def test_offsets_that_count_something_else_are_an_error(tmp_path):
    record = {"id": "a", "text": "Ana Ek bor i Lund. " * 30, "spans": []}
    record["spans"] = [{"start": n * 19 + 1, "end": n * 19 + 5, "label": "NAME"} for n in range(30)]
    (tmp_path / "x.jsonl").write_text(json.dumps(record))
    with pytest.raises(DeidError, match="30 of 30 spans do not begin and end at word boundaries"):
        convert(tmp_path / "x.jsonl", tmp_path / "x.spacy", quiet=True)
    assert not (tmp_path / "x.spacy").exists()


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("nowhere", {"format": "brat"}, "nowhere does not exist"),
        ("empty", {}, "empty holds no note"),
        ("empty", {"format": "csv"}, "format 'csv'.*--format brat"),
        ("empty", {"to": "csv"}, "format 'csv'.*--to brat"),
        ("empty", {"lang": "qq"}, "no language 'qq'"),
        ("empty", {"intake": "("}, "not a regular expression"),
        ("empty", {"format": "jsonl", "texts": Path()}, "--texts is for brat"),
        ("empty", {"texts": Path("nowhere")}, "nowhere is not a folder"),
    ],
)
def test_bad_input_is_one_clear_error(tmp_path, name, options, problem):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeidError, match=problem):
        if "intake" in options:
            options = {"intake": Intake(group_pattern=options["intake"])}
        convert(tmp_path / name, tmp_path / "x.spacy", quiet=True, **options)


def test_the_command_prints_counts_and_a_failure_leaves_the_earlier_result_whole(brat_folder, tmp_path):
    folder, out = brat_folder(a=("Ana Ek, 54.", ANN)), tmp_path / "x.spacy"
    command = ["convert", str(folder), str(out), "--format", "brat", "--lang", "es"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "widened" in result.output
    assert "1 notes" in result.output
    earlier = out.read_bytes()
    (folder / "a.ann").write_text("T1\tNAME 0 99\tAna Ek\n")
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "a.ann, line 1" in result.output
    assert "Ana" not in result.output
    assert out.read_bytes() == earlier
