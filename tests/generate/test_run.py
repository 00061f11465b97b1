"""A run ends with the same corpus however often it is killed, and only the corpus holds texts."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import spacy
import srsly
from spacy.language import Language
from spacy.vocab import Vocab
from stand_in import CALLS, PATIENT, save_pipeline, save_seeds
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256
from spacy_deid.generate.run import generate


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> Path:
    return save_pipeline(tmp_path_factory.mktemp("generator") / "pipeline")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> Path:
    return save_seeds(tmp_path_factory.mktemp("seeds") / "seeds.spacy", notes=10)


@pytest.fixture(scope="module")
def undisturbed(pipeline, seeds, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    generate(pipeline, seeds, folder, shard_size=2, quiet=True)
    return folder


def corpora(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256(path) for path in folder.rglob("*.spacy")}


def texts(path: Path) -> list[str]:
    return [doc.text for doc in read_docs(path, Vocab())]


# where a run is killed: the third call of the function named
KILLED_AT = {
    "while sampling": "stand_in.StandIn.generate",
    "before a shard is in the manifest": "spacy_deid.generate.ledger.ShardLedger.add",
    "while a file is half written": "spacy_deid.files.os.fsync",
    "before the corpus is in the manifest": "spacy_deid.generate.ledger.ShardLedger.close",
}

KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from unittest import mock
import stand_in
import spacy_deid.generate.run as run
import spacy_deid.generate.ledger

target, call, pipeline, seeds, folder = sys.argv[1:]
calls = 0
owner, name = target.rsplit(".", 1)
from pkgutil import resolve_name
original = getattr(resolve_name(owner), name)

def counted(*args, **kwargs):
    global calls
    calls += 1
    if calls == int(call):
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*args, **kwargs)

with mock.patch(target, counted):
    run.generate(Path(pipeline), Path(seeds), Path(folder), shard_size=2, quiet=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", KILLED_AT.values(), ids=KILLED_AT)
def test_a_killed_run_goes_on_and_ends_with_the_same_corpus(
    target, pipeline, seeds, undisturbed, tmp_path, monkeypatch
):
    folder, calls = tmp_path / "out", tmp_path / "calls"
    monkeypatch.setenv(CALLS, str(calls))
    call = "1" if target.endswith("close") else "3"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, target, call, str(pipeline), str(seeds), str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "helpers")},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    finished = len(srsly.read_json(folder / "manifest.json")["shards"])

    generate(pipeline, seeds, folder, shard_size=2, quiet=True)

    assert corpora(folder) == corpora(undisturbed)
    assert not list(folder.rglob(".*")), "half-written files are left"
    drawn = Counter(calls.read_text().splitlines())
    repeated = [line for line, times in drawn.items() if times > 1]
    assert len(drawn) == 5
    assert len(repeated) <= 1
    assert list(drawn).index(repeated[0]) >= finished if repeated else True


def test_a_finished_run_does_nothing_more(pipeline, seeds, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setenv(CALLS, str(tmp_path / "calls"))
    before = {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*")}
    generate(pipeline, seeds, undisturbed, shard_size=2, quiet=True)
    assert {path: path.stat().st_mtime_ns for path in undisturbed.rglob("*")} == before
    assert not (tmp_path / "calls").exists()


def test_a_damaged_shard_is_made_again(pipeline, seeds, undisturbed, tmp_path):
    folder = tmp_path / "out"
    generate(pipeline, seeds, folder, shard_size=2, quiet=True)
    (folder / "shards" / "00001.spacy").write_bytes(b"damaged")
    generate(pipeline, seeds, folder, shard_size=2, quiet=True)
    assert corpora(folder) == corpora(undisturbed)


def test_the_corpus_is_annotated_and_split_in_two(undisturbed):
    train, dev = (list(read_docs(undisturbed / name, Vocab())) for name in ("train.spacy", "dev.spacy"))
    assert (len(train), len(dev)) == (9, 1)
    assert len({doc._.deid_id for doc in train + dev}) == 10
    for doc in train + dev:
        assert [ent.text for ent in doc.ents] == [PATIENT]
        assert list(doc._.deid_rejected) == []
        assert doc._.deid_meta["finished"] is True
        assert doc.text.startswith("Informe número ")
        assert doc.text.endswith(".\n")  # as the notes end that the language model learned


def test_no_text_is_in_the_manifest_and_only_the_owner_reads_the_corpora(undisturbed):
    manifest = (undisturbed / "manifest.json").read_text()
    assert "Informe" not in manifest
    assert not any(word in manifest for word in PATIENT.split())
    assert {path.stat().st_mode & 0o777 for path in undisturbed.rglob("*.spacy")} == {0o600}


def test_of_notes_that_are_the_same_the_first_stays(pipeline, tmp_path):
    seeds = list(read_docs(save_seeds(tmp_path / "seeds.spacy", notes=6), Vocab()))
    for doc in seeds[3:]:
        doc._.deid_meta = {**doc._.deid_meta, "seed": seeds[0]._.deid_meta["seed"]}
    write(seeds, tmp_path / "seeds.spacy")
    summary = generate(pipeline, tmp_path / "seeds.spacy", tmp_path / "out", shard_size=2, quiet=True)
    assert summary.rejected == {"near_duplicate_of_another": 3}
    kept = {doc._.deid_id for name in ("train", "dev") for doc in read_docs(tmp_path / f"out/{name}.spacy", Vocab())}
    assert kept == {seed._.deid_id for seed in seeds[:3]}


class Defect:
    """The error of fails_on_number_3; None once it is fixed."""

    error: type[Exception] | None = RuntimeError


@Language.component("fails_on_number_3")
def fails_on_number_3(doc):
    if Defect.error and "número 3" in doc.text:
        raise Defect.error(doc.text)
    return doc


@pytest.fixture(scope="module")
def failing(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("failing")
    nlp = spacy.load(save_pipeline(folder / "whole"))
    nlp.add_pipe("fails_on_number_3", before="deid_filter")
    nlp.to_disk(folder / "failing")
    return folder / "failing"


def test_a_note_that_a_component_fails_on_is_set_aside_and_the_exit_status_tells(failing, seeds, tmp_path):
    out = tmp_path / "out"
    arguments = ["generate", str(failing), str(seeds), str(out), "--shard-size", "4"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "p00003-0000 (RuntimeError)" in result.output
    assert "número" not in result.output
    notes = [doc._.deid_id for name in ("train", "dev") for doc in read_docs(out / f"{name}.spacy", Vocab())]
    assert sorted(notes) == [f"p{number:05d}-0000" for number in range(10) if number != 3]


def test_an_error_that_holds_no_text_is_told_in_full(failing, seeds, tmp_path, monkeypatch):
    monkeypatch.setattr(Defect, "error", lambda text: DeidError("No weights. Remedy: get them."))
    summary = generate(failing, seeds, tmp_path / "out", quiet=True)
    assert summary.failed == {"p00003-0000": "DeidError: No weights. Remedy: get them."}


def test_once_the_component_is_mended_the_next_run_completes_the_corpus(
    failing, seeds, undisturbed, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    assert len(generate(failing, seeds, out, shard_size=2, quiet=True).failed) == 1
    monkeypatch.setattr(Defect, "error", None)
    monkeypatch.setenv(CALLS, str(tmp_path / "calls"))
    assert generate(failing, seeds, out, shard_size=2, quiet=True).failed == {}
    assert corpora(out) == corpora(undisturbed)
    assert len((tmp_path / "calls").read_text().splitlines()) == 1, "the other shards are kept"


@pytest.mark.parametrize("damaged", ["{", "[]", '{"inputs": {}}'])
def test_a_damaged_manifest_is_named(damaged, pipeline, seeds, tmp_path):
    (tmp_path / "manifest.json").write_text(damaged)
    with pytest.raises(DeidError, match=r"manifest\.json is damaged.*Remedy"):
        generate(pipeline, seeds, tmp_path, quiet=True)


def test_what_another_version_began_is_not_gone_on_with(pipeline, seeds, tmp_path):
    generate(pipeline, seeds, tmp_path, quiet=True)
    manifest = srsly.read_json(tmp_path / "manifest.json")
    assert manifest["inputs"]["versions"].keys() == {"spacy-deid", "spacy", "torch", "transformers"}
    manifest["inputs"]["versions"]["torch"] = "0.1"
    srsly.write_json(tmp_path / "manifest.json", manifest)
    with pytest.raises(DeidError, match=r"other inputs \(versions changed"):
        generate(pipeline, seeds, tmp_path, quiet=True)


@pytest.mark.filterwarnings("ignore:The specified task does not provide its prompt template")
@pytest.mark.parametrize("keeps", ["save_io", "cache"])
def test_a_pipeline_that_would_keep_texts_is_refused(keeps, pipeline, seeds, tmp_path):
    setting = {"save_io": True} if keeps == "save_io" else {"cache": {"path": str(tmp_path / "cache")}}
    changed = spacy.load(pipeline, config={"components": {"llm": setting}})
    changed.to_disk(tmp_path / "changed")
    with pytest.raises(DeidError, match="both store texts in clear"):
        generate(tmp_path / "changed", seeds, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("component", ["llm", "deid_filter"])
def test_a_pipeline_without_a_needed_component_is_refused(component, pipeline, seeds, tmp_path):
    nlp = spacy.load(pipeline)
    nlp.remove_pipe(component)
    nlp.to_disk(tmp_path / "changed")
    with pytest.raises(DeidError, match=f"no component '{component}'"):
        generate(tmp_path / "changed", seeds, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_an_outdated_folder_is_begun_anew_where_asked(pipeline, seeds, tmp_path):
    fewer = save_seeds(tmp_path / "fewer.spacy", notes=3)
    generate(pipeline, seeds, tmp_path / "both", shard_size=2, quiet=True)

    generate(pipeline, fewer, tmp_path / "both", shard_size=2, replace_outdated=True, quiet=True)
    generate(pipeline, fewer, tmp_path / "fresh", shard_size=2, quiet=True)

    both, fresh = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.spacy")}
        for folder in (tmp_path / "both", tmp_path / "fresh")
    )
    assert both == fresh


def test_a_gpu_that_is_not_there_ends_in_one_line(pipeline, seeds, tmp_path):
    result = CliRunner().invoke(app, ["generate", str(pipeline), str(seeds), str(tmp_path / "out"), "--gpu-id", "99"])

    assert result.exit_code == 1
    assert "no usable GPU 99" in result.output
    assert not (tmp_path / "out").exists()


def test_other_inputs_do_not_go_on_where_these_ones_began(pipeline, seeds, undisturbed, tmp_path):
    other = save_seeds(tmp_path / "other.spacy", notes=3)
    stricter = save_pipeline(tmp_path / "stricter", min_chars=201)
    for arguments, changed in [
        ((pipeline, other, undisturbed, 2), "seeds"),
        ((stricter, seeds, undisturbed, 2), "pipeline"),
        ((pipeline, seeds, undisturbed, 3), "shard_size"),
    ]:
        *places, size = arguments
        with pytest.raises(DeidError, match=rf"other inputs \({changed} changed"):
            generate(*places, shard_size=size, quiet=True)


@pytest.mark.parametrize("what", ["absent", "empty", "not a DocBin", "notes"])
def test_bad_seeds_are_named_and_nothing_is_begun(what, pipeline, undisturbed, tmp_path):
    path = tmp_path / "seeds.spacy"
    if what == "empty":
        write([], path)
    elif what == "not a DocBin":
        path.write_text("seeds")
    elif what == "notes":
        write([spacy.blank("es").make_doc("Una nota")], path)
    with pytest.raises(DeidError, match=r"seeds\.spacy"):
        generate(pipeline, path, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_when_the_filters_leave_nothing_the_reasons_are_told(seeds, tmp_path):
    strict = save_pipeline(tmp_path / "strict", min_entities=5)
    with pytest.raises(DeidError, match="too_few_entities: 10"):
        generate(strict, seeds, tmp_path / "out", quiet=True)
