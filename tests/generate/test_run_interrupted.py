"""`deid generate`, stopped by Ctrl-C or a full disk: one line, and the same command goes on from there."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import srsly
from stand_in import PATIENT, save_pipeline, save_seeds
from typer.testing import CliRunner

from spacy_deid.cli import app

# generates for ever, but for its third shard only
ENDLESS = """
import sys
import stand_in
from spacy_deid.cli import app

sample, calls = stand_in.StandIn.generate, 0

def generate(*args, **kwargs):
    global calls
    calls += 1
    if calls == 3:
        print("third shard", flush=True)
        while True:
            pass
    return sample(*args, **kwargs)

stand_in.StandIn.generate = generate
app(sys.argv[1:])
"""


@pytest.fixture
def command(tmp_path):
    pipeline = save_pipeline(tmp_path / "pipeline")
    seeds = save_seeds(tmp_path / "seeds.spacy", notes=8)
    return ["generate", str(pipeline), str(seeds), str(tmp_path / "out"), "--shard-size", "2", "--quiet"]


def shards_in(folder):
    return [shard["name"] for shard in srsly.read_json(folder / "manifest.json")["shards"]]


def goes_on(command):
    result = CliRunner().invoke(app, command)
    return result.exit_code == 0 and result.output == ""


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_and_sigterm_keep_the_finished_shards(number, status, command, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *command],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "helpers")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "third shard\n"
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == status
    assert stderr == "Stopped. What was finished is kept; the same command goes on from there.\n"
    assert shards_in(tmp_path / "out") == ["shards/00000.spacy", "shards/00001.spacy"]
    assert goes_on(command)
    assert len(shards_in(tmp_path / "out")) == 4


def test_a_full_disk_keeps_the_finished_shards(command, tmp_path, monkeypatch):
    synchronize, files = os.fsync, []

    def until_full(handle):
        files.append(handle)
        if len(files) > 5:  # the manifest, and two shards with an entry each
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        synchronize(handle)

    with monkeypatch.context() as full:
        full.setattr("os.fsync", until_full)
        result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert line == f"✘ The disk is full while writing {tmp_path}/out/shards/00002.spacy. Free some space and run again."
    assert not any(word in result.output for word in PATIENT.split())
    assert shards_in(tmp_path / "out") == ["shards/00000.spacy", "shards/00001.spacy"]
    assert goes_on(command)
