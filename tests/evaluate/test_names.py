import json

import pytest
import spacy
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.names import fill, gap, name_recall, read_frames, read_names
from spacy_deid.lang.pack import pack_of

NAMES = """
[finnish]
f = ["Aune", "Saimi"]
m = ["Otso"]
last = ["Muilu", "Räihälä"]

[kurdish]
f = ["Hezal"]
m = ["Egîd"]
last = ["Zirkî"]
"""
FRAMES = "{full} ringer idag.\n\nRingt {first}, igen {first}.\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "names.toml").write_text(NAMES, "utf8")
    (tmp_path / "frames.txt").write_text(FRAMES, "utf8")
    return tmp_path / "names.toml", tmp_path / "frames.txt"


@pytest.fixture
def nlp():
    """Finds Aune and Finnish surnames, and calls them something else."""
    nlp = spacy.blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": "X", "pattern": word} for word in ("Aune", "Muilu", "Räihälä")]
    )
    return nlp


def row_of(rows, origin, gender):
    return next(row for row in rows if (row["origin"], row["gender"]) == (origin, gender))


@pytest.mark.parametrize(
    ("frame", "names", "text", "found"),
    [
        ("Ring {first}.", ("Aune", "Ek"), "Ring Aune.", ["Aune"]),
        ("{last}, {first}", ("Aune", "Ek"), "Ek, Aune", ["Ek", "Aune"]),
        ("{full}", ("Aune", "Ek"), "Aune Ek", ["Aune Ek"]),
        ("{first_gen} mor", ("Aune", "Ek"), "Aunes mor", ["Aunes"]),
        ("{first_gen} mor", ("Haris", "Ek"), "Haris mor", ["Haris"]),
        ("{first_gen} mor", ("LUIZ", "Ek"), "LUIZ mor", ["LUIZ"]),
    ],
)
def test_a_filled_frame_has_the_spans_of_the_name(frame, names, text, found):
    filled = fill(frame, *names, pack_of("sv").facts.genitive)
    assert filled.text == text
    assert [text[start:end] for start, end, _ in filled.spans] == found


def test_recall_counts_hidden_characters_whatever_the_label(files, nlp):
    rows = name_recall(nlp, read_names(files[0]), read_frames(files[1]), quiet=True)
    women = row_of(rows, "finnish", "f")
    # for each first name one full name and two first names: Aune is hidden thrice, of Saimi's only the surname
    assert women["names"] == 2
    assert women["spans"]["value"] == 0.5
    assert women["characters"]["value"] == pytest.approx((3 * 4 + 5 + 7) / (3 * 4 + 5 + 3 * 5 + 7))
    assert row_of(rows, "kurdish", "m")["spans"] == {"value": 0, "low": 0, "high": 0}
    assert gap(rows, "spans") == 0.5


def test_the_interval_is_over_names_not_over_sentences(files, nlp):
    few = name_recall(nlp, read_names(files[0]), ["{first}"], quiet=True)
    many = name_recall(nlp, read_names(files[0]), ["{first}"] * 50, quiet=True)
    assert row_of(few, "finnish", "f")["spans"] == row_of(many, "finnish", "f")["spans"]
    assert row_of(few, "finnish", "f")["spans"] == {"value": 0.5, "low": 0, "high": 1}


def test_the_command_prints_each_group_and_writes_no_name(files, nlp, tmp_path):
    nlp.to_disk(tmp_path / "model")
    out = tmp_path / "names.json"
    arguments = ["evaluate-names", str(tmp_path / "model"), *map(str, files), str(out)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "kurdish" in result.output
    assert "Worst group under the best: characters" in result.output
    written = out.read_text("utf8")
    assert len(json.loads(written)["groups"]) == 4
    assert "Aune" not in written + result.output


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "holds no names"),
        ("[finnish", "is not TOML"),
        ("finnish = 1", "'finnish' is not three lists"),
        ('[x]\nf = ["A"]\nm = ["B"]\n', "'x' is not three lists"),
        ('[x]\nf = ["A"]\nm = []\nlast = ["C"]\n', "'x' is not three lists"),
        ('[x]\nf = ["A"]\nm = [" "]\nlast = ["C"]\n', "'x' is not three lists"),
        ('[x]\nf = ["A"]\nm = "B"\nlast = ["C"]\n', "'x' is not three lists"),
    ],
)
def test_bad_names_are_an_error(tmp_path, content, problem):
    path = tmp_path / "names.toml"
    path.write_text(content)
    with pytest.raises(DeidError, match=problem):
        read_names(path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{first} ok\nno slot\n", "line 2: no slot, or an unknown one"),
        ("{first} {middle}\n", "line 1: no slot, or an unknown one"),
        ("\n\n", "holds no sentence"),
    ],
)
def test_bad_frames_are_an_error_with_the_line(tmp_path, content, problem):
    path = tmp_path / "frames.txt"
    path.write_text(content)
    with pytest.raises(DeidError, match=problem):
        read_frames(path)
