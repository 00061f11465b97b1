"""The vault under kills, full disks, changed files and concurrent writers: nothing is lost or read by halves."""

import json
import multiprocessing
import os
import pickle
import random
import sqlite3
import stat
import time
from contextlib import closing, suppress
from itertools import count

import pytest
from spacy.tokens import Doc

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.offsets import Replacement
from spacy_deid.redact import sealed
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"
NAMES = "<NAME>Anna Ek</NAME> och <NAME>Bo Berg</NAME> den <DATE>12/4-23</DATE>."
BLANK = fine_blank("sv")


@pytest.fixture
def changed(path):
    """Runs SQL on a vault, as is possible without its passphrase."""

    def run(statement: str, *values: object) -> None:
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(statement, values)

    return run


# --- kills and full disks


def add_and_tell(path, told) -> None:
    vault = Vault(path, PASSPHRASE)
    for number in count():
        vault.add([named(f"Anna {number}")])
        os.write(told, b".")


@pytest.mark.slow
def test_kills_lose_nothing_that_was_added(path) -> None:
    context = multiprocessing.get_context("fork")
    numbers = random.Random(0)
    for _ in range(12):
        reads, writes = os.pipe()
        writer = context.Process(target=add_and_tell, args=(path, writes))
        writer.start()
        os.close(writes)
        assert os.read(reads, 1)
        time.sleep(numbers.uniform(0, 0.05))
        writer.kill()
        writer.join()
        with os.fdopen(reads, "rb") as told:
            added = 1 + len(told.read())
        vault = Vault(path, PASSPHRASE)
        for number in range(added):
            assert vault.restore(f"[NAME] {number}") == f"Anna {number}"
    vault.add([named("Eva sist")])
    assert vault.restore("[NAME] sist") == "Eva sist"
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.glob("vault.deid*")} == {0o600}


def test_what_is_half_written_is_its_owners_too(path, make, monkeypatch) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES)])
    modes = []

    def seen(cipher, value, where, *, real=sealed._Cipher.sealed):
        modes.extend((file.name, stat.S_IMODE(file.stat().st_mode)) for file in path.parent.iterdir())
        return real(cipher, value, where)

    monkeypatch.setattr(sealed._Cipher, "sealed", seen)
    vault.add([make(NAMES)] * 2)
    assert {name for name, _ in modes} == {"vault.deid", "vault.deid-journal"}
    assert {mode for _, mode in modes} == {0o600}


def test_a_full_disk_leaves_the_vault_as_it_was(path, make, monkeypatch) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make("1 <NAME>Anna</NAME>")])
    before = path.read_bytes()
    monkeypatch.setattr(sealed, "_PRAGMAS", (*sealed._PRAGMAS, "PRAGMA max_page_count = 6"))
    with pytest.raises(DeidError, match="full.*Remedy: check the space on its disk"):
        vault.add([make("2 <NAME>Bo</NAME> " * 1000)])
    assert path.read_bytes() == before


# --- changed files


@pytest.mark.parametrize("table", ["head", "body"])
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE {0} SET sealed = substr(sealed, 1, 20) || x'00' || substr(sealed, 22) WHERE number = 2",
        "UPDATE {0} SET sealed = (SELECT sealed FROM {0} WHERE number = 1) WHERE number = 2",
        "UPDATE {0} SET sealed = 'text' WHERE number = 2",
        "UPDATE {0} SET sealed = x'00' WHERE number = 2",
        "UPDATE {0} SET number = 9 WHERE number = 2",
        "DELETE FROM {0} WHERE number = 2",
        "DROP TABLE {0}",
    ],
)
def test_a_record_that_was_changed_swapped_or_removed_is_noticed(path, make, changed, table, change) -> None:
    Vault(path, PASSPHRASE).add([make("1 <NAME>Anna</NAME>"), make("2 <NAME>Bo</NAME>")])
    changed(change.format(table))
    before = path.read_bytes()
    vault = Vault(path, PASSPHRASE)
    for action in (lambda: vault.restore("2 [NAME0]"), lambda: vault.rotate(PASSPHRASE)):
        with pytest.raises(DeidError, match="is damaged"):
            action()
    assert path.read_bytes() == before


def test_a_record_too_many_is_noticed(path, make, changed) -> None:
    Vault(path, PASSPHRASE).add([make("1 <NAME>Anna</NAME>")])
    changed("INSERT INTO body SELECT 2, sealed FROM body")
    changed("INSERT INTO head SELECT 2, sealed FROM head")
    vault = Vault(path, PASSPHRASE)
    for action in (lambda: vault.restore("1 [NAME0]"), lambda: vault.rotate(PASSPHRASE)):
        with pytest.raises(DeidError, match="is damaged"):
            action()


def test_what_was_purged_cannot_be_put_back(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make("1 <NAME>Anna</NAME>", "1"), make("2 <NAME>Bo</NAME>", "2")])
    with closing(sqlite3.connect(path)) as database:
        (purged,) = database.execute("SELECT head.sealed, body.sealed FROM head JOIN body USING (number) LIMIT 1")
    vault.purge(document="1")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE head SET sealed = ?", purged[:1])
        database.execute("UPDATE body SET sealed = ?", purged[1:])
    with pytest.raises(DeidError, match="is damaged"):
        Vault(path, PASSPHRASE).restore("1 [NAME0]")


@pytest.mark.parametrize("cut", range(1, 4096 * 4, 1999))
def test_a_file_without_its_end_gives_what_is_whole_and_nothing_else(path, make, cut: int) -> None:
    docs = [make("1 <NAME>Anna</NAME>"), make("2 <NAME>Bo</NAME>" * 300)]
    Vault(path, PASSPHRASE).add(docs)
    left = path.read_bytes()[:-cut]
    path.write_bytes(left)
    for doc in docs:
        with suppress(DeidError):
            assert Vault(path, PASSPHRASE).restore(doc._.deid_text) == doc.text
    with pytest.raises(DeidError, match="is damaged"):
        Vault(path, PASSPHRASE).rotate(PASSPHRASE)
    assert path.read_bytes() == left


@pytest.mark.parametrize("content", [b"{}\n", b"note text\n", b"\xff\n", b"[1]\n", b"SQLite format 3\x00"])
def test_a_file_that_is_no_vault_is_refused_and_kept(path, make, content: bytes) -> None:
    path.write_bytes(content)
    for action in (lambda: Vault(path, PASSPHRASE).restore("x"), lambda: Vault(path, PASSPHRASE).add([make(NAMES)])):
        with pytest.raises(DeidError, match="not a vault"):
            action()
    assert path.read_bytes() == content


def test_another_database_is_refused_and_kept(path, make, changed) -> None:
    changed("CREATE TABLE vault (header, count)")
    before = path.read_bytes()
    for action in (lambda: Vault(path, PASSPHRASE).restore("x"), lambda: Vault(path, PASSPHRASE).add([make(NAMES)])):
        with pytest.raises(DeidError, match="not a vault"):
            action()
    assert path.read_bytes() == before


def test_a_vault_of_an_earlier_version_is_refused_with_a_remedy(path, make) -> None:
    path.write_bytes(b'{"format": "spacy-deid vault 1", "scrypt_n": 2, "salt": "00", "check": "00"}\n')
    before = path.read_bytes()
    for action in (lambda: Vault(path, PASSPHRASE).restore("x"), lambda: Vault(path, PASSPHRASE).add([make(NAMES)])):
        with pytest.raises(DeidError, match="of an earlier version. Remedy: keep it with that version"):
            action()
    assert path.read_bytes() == before


@pytest.mark.parametrize("cost", [0, 1, 3, 2.5, 2.0, -2, True, "2", 2**21, None, [2]])
def test_a_cost_that_no_vault_has_is_refused(path, make, changed, cost) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES)])
    header = json.dumps({"format": "spacy-deid vault 2", "scrypt_n": cost, "salt": "00" * 16})
    changed("UPDATE vault SET header = ?", header)
    with pytest.raises(DeidError, match="not a vault of this version"):
        Vault(path, PASSPHRASE).restore("x")


# --- several processes


def named(text: str) -> Doc:
    """Return a redacted Doc whose first word is a name."""
    doc = BLANK.make_doc(text)
    doc._.deid_replacements = [Replacement(0, len(doc[0]), "[NAME]")]
    return doc


def add_many(path, texts: list[str]) -> None:
    vault = Vault(path, PASSPHRASE)
    for text in texts:
        vault.add([named(text)])


def test_writers_and_rotations_at_the_same_time_lose_nothing(path) -> None:
    context = multiprocessing.get_context("fork")
    texts = [[f"Anna {writer} {number}" for number in range(10)] for writer in range(3)]
    writers = [context.Process(target=add_many, args=(path, each)) for each in texts]
    for writer in writers:
        writer.start()
    vault = Vault(path, PASSPHRASE)
    add_many(path, ["Anna"])
    while any(writer.is_alive() for writer in writers):
        vault.rotate(PASSPHRASE)
        time.sleep(0.01)
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    restored = sorted(vault.restore(text.replace("Anna", "[NAME]")) for each in texts for text in each)
    assert restored == sorted(text for each in texts for text in each)


def test_a_vault_that_was_used_can_go_to_another_process(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES)])
    sent = pickle.loads(pickle.dumps(vault))  # noqa: S301
    sent.add([make("<NAME>Eva</NAME>")])
    assert vault.restore("[NAME0]") == "Eva"
