"""An interrupted run continues, and a finished one does nothing more."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from folders import snapshot, write_notes

from spacy_deid.apply.redactor import Redactor
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.errors import DeidError

KILLS = 20


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


# each child of a warm process is one run, which saves loading spaCy for each; it prints its start
RUNS = """
import os, sys
from pathlib import Path
from spacy_deid.apply.run import apply
from spacy_deid.apply.settings import Settings
from spacy_deid.pipelines import load_pipeline

nlp = load_pipeline(sys.argv[1])
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


@pytest.mark.slow
def test_twenty_kills_lose_repeat_and_halve_nothing(model, source, tmp_path, key_file):
    write_notes(source, 60)
    policy = tmp_path / "hash.toml"  # every output depends on the key, and none on much time
    policy.write_text('default = "hash"', "utf8")
    process = subprocess.Popen(
        [sys.executable, "-c", RUNS, str(model), str(source), key_file, str(policy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def run(out: Path, seconds: float | None = None, processes: int = 1) -> tuple[float, bool]:
        """Return the seconds it took, and whether it was killed: a continued run may end before that."""
        process.stdin.write(f"{out} {processes}\n")
        process.stdin.flush()
        child, start = int(process.stdout.readline()), time.monotonic()
        killed = False
        if seconds is not None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
                killed = True
        assert process.stdout.readline() == "ended\n"
        return time.monotonic() - start, killed

    whole, _ = run(tmp_path / "undisturbed")
    expected = snapshot(tmp_path / "undisturbed")
    assert len(expected) == 61
    originals = snapshot(source)
    manifest = (tmp_path / "undisturbed" / "deid-manifest.json").read_text("utf8")
    numbers = random.Random(0)
    kills = rounds = 0
    while kills < KILLS:
        assert rounds < KILLS, "hardly a run lasts until it is killed"
        out = tmp_path / f"out{rounds}"
        for _ in range(5):
            _, killed = run(out, numbers.uniform(0, whole / 2), processes=1 + rounds % 2)
            kills += killed
            # whatever is there is whole
            assert snapshot(out).items() <= expected.items()
        run(out)
        assert snapshot(out) == expected
        assert (out / "deid-manifest.json").read_text("utf8") == manifest
        rounds += 1
    process.stdin.close()
    process.wait()
    assert snapshot(source) == originals
