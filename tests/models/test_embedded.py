"""A conversion is made once, and again if something changed; an earlier result is never lost."""

import shutil

import pytest
from typer.testing import CliRunner

from spacy_deid.errors import DeidError
from spacy_deid.models import embedded
from spacy_deid.models.sources import SourceFile

pytest.importorskip("wordfreq")
pytest.importorskip("torch")


@pytest.fixture
def runs(monkeypatch, tmp_path):
    """Replaces the conversion of the encoder, and collects the forms of each run."""
    collected = []

    def convert_encoder(weights, tokenizer, forms, out):
        collected.append(list(forms))
        (out / "model.safetensors").write_bytes(b"weights")
        return {"pieces": 1, "parameters": 2}

    (tmp_path / "source").write_text("source")
    monkeypatch.setattr(embedded, "convert_encoder", convert_encoder)
    monkeypatch.setattr(SourceFile, "verified", lambda file: tmp_path / "source")
    return collected


def test_a_second_run_changes_nothing(runs, tmp_path):
    first = embedded.convert("encoder", tmp_path, words=10, quiet=True)
    second = embedded.convert("encoder", tmp_path, words=10, quiet=True)
    assert (first.fresh, second.fresh, len(runs)) == (True, False, 1)
    assert first.manifest == second.manifest


def test_more_words_make_it_anew(runs, tmp_path):
    for words in (10, 20):
        assert embedded.convert("encoder", tmp_path, words=words, quiet=True).fresh
    assert set(runs[0]) < set(runs[1])


def test_the_encoder_keeps_english_too(runs, tmp_path):
    manifest = embedded.convert("encoder", tmp_path, words=10, languages=["sv"], quiet=True).manifest
    assert manifest["inputs"]["languages"] == ["sv", "en"]
    assert {"och", "the"} <= set(runs[0])
    assert "el" not in runs[0]


def test_a_failed_run_leaves_the_earlier_result(runs, tmp_path, monkeypatch):
    earlier = embedded.convert("encoder", tmp_path, words=10, quiet=True).manifest

    def absent(file):
        msg = "absent"
        raise DeidError(msg)

    monkeypatch.setattr(SourceFile, "verified", absent)
    with pytest.raises(DeidError):
        embedded.convert("encoder", tmp_path, words=20, quiet=True)
    assert embedded.read_manifest(tmp_path / "encoder" / "manifest.json") == earlier
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder", "source"]


def test_licences_and_notice_are_written_for_all_to_read(runs, tmp_path):
    directory = embedded.convert("encoder", tmp_path, words=10, quiet=True).directory
    names = {"NOTICE", "NOTICE.tokenizer", "LICENSE.tokenizer"}
    assert names <= {path.name for path in directory.iterdir()}
    assert all((directory / name).stat().st_mode & 0o777 == 0o644 for name in names)


def test_the_command_says_what_it_did_and_fails_with_one_line(runs, tmp_path):
    from spacy_deid.cli import app

    command = ["models", str(tmp_path), "--only", "encoder", "--words", "10"]
    outputs = [CliRunner().invoke(app, command).output for _ in range(2)]
    assert "Made" in outputs[0]
    assert "Unchanged" in outputs[1]
    assert CliRunner().invoke(app, [*command, "--quiet"]).output == ""
    failed = CliRunner().invoke(app, [*command, "--languages", "xx"])
    assert failed.exit_code == 1
    assert "No word list of language xx" in failed.output


def test_the_uncut_lm_and_the_encoder_alone_exclude_each_other(runs, tmp_path):
    from spacy_deid.cli import app

    refused = CliRunner().invoke(app, ["models", str(tmp_path / "out"), "--only", "encoder", "--uncut"])
    assert refused.exit_code == 2
    assert "does not go with" in refused.output
    assert not (tmp_path / "out").exists()


def test_joined_parts_must_have_the_pinned_checksum(tmp_path, monkeypatch):
    for part in "ab":
        (tmp_path / part).write_text(part)
    origin = embedded.source("lm")._replace(
        files=tuple(SourceFile("p", "1", part, "") for part in "ab"), whole_sha256="0" * 64
    )
    monkeypatch.setattr(SourceFile, "verified", lambda file: tmp_path / file.path)
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(DeidError, match="Wrong checksum"):
        embedded._make_lm(origin, [], work, quiet=True)
    shutil.rmtree(work)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
