"""`deid vault`: restore, purge and rotate."""

import stat

import pytest
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.redact.secrets import PASSPHRASE as ENVIRONMENT
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"
NAMES = "<NAME>Anna Ek</NAME> och <NAME>Bo Berg</NAME> den <DATE>12/4-23</DATE>."


def deid(*arguments: object, **options: object):
    return CliRunner().invoke(app, ["vault", *map(str, arguments)], **options)


def test_the_command_restores_purges_and_rotates(path, tmp_path, make, monkeypatch) -> None:
    doc = make("<NAME>Åsa Ek</NAME>\r\n<DATE>12/4</DATE>\ufeff", "1", "a")
    redacted, restored, new = (tmp_path / name for name in ("redacted.txt", "note.txt", "new.pass"))
    redacted.write_bytes(doc._.deid_text.encode())
    new.write_text("a new passphrase\n")
    Vault(path, PASSPHRASE).add([doc, make("<NAME>Bo</NAME>", "2")])
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    assert deid("restore", path, redacted, restored).exit_code == 0
    assert restored.read_bytes() == doc.text.encode()
    assert stat.S_IMODE(restored.stat().st_mode) == 0o600
    assert deid("restore", path, "-", input=redacted.read_bytes()).stdout_bytes == doc.text.encode()
    assert deid("restore", path, "-", "--document", "2", input="Sa [NAME0]").stdout == "Sa Bo"
    assert deid("rotate", path, "--new-passphrase-file", new).exit_code == 0
    assert deid("restore", path, redacted).exit_code == 1
    assert deid("purge", path, "--patient", "a", "--passphrase-file", new).exit_code == 0
    assert deid("restore", path, redacted, "--passphrase-file", new).exit_code == 1
    assert deid("restore", path, "-", "--passphrase-file", new, input="[NAME0]").stdout == "Bo"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["restore", "absent.deid", "redacted.txt"], "absent.deid"),
        (["restore", "vault.deid", "absent.txt"], "absent.txt"),
        (["restore", "vault.deid", "latin1.txt"], "not UTF-8"),
        (["restore", "vault.deid", "redacted.txt", "--passphrase-file", "wrong.pass"], "The passphrase is not"),
        (["restore", "vault.deid", "redacted.txt", "--passphrase-file", "absent.pass"], "cannot be read"),
        (["purge", "vault.deid"], "either"),
        (["purge", "vault.deid", "--document", "9"], "check the id"),
        (["rotate", "vault.deid"], "no passphrase"),
    ],
)
def test_bad_input_is_one_error(path, tmp_path, make, monkeypatch, arguments: list[str], named: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    doc = make(NAMES, "1")
    Vault(path, PASSPHRASE).add([doc])
    before = path.read_bytes()
    (tmp_path / "redacted.txt").write_text(doc._.deid_text)
    (tmp_path / "latin1.txt").write_bytes(b"\xe5")
    (tmp_path / "wrong.pass").write_text("wrong passphrase")
    result = deid(*arguments)
    assert result.exit_code == 1
    assert named in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert path.read_bytes() == before
