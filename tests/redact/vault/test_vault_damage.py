"""The vault under kills, full disks, changed files and many writers: nothing is lost, and nothing halved is read."""

import json
import multiprocessing
import os
import pickle
import time

import pytest
from spacy.tokens import Span

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact.offsets import Replacement
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"
NAMES = "<NAME>Anna Ek</NAME> och <NAME>Bo Berg</NAME> den <DATE>12/4-23</DATE>."
BLANK = fine_blank("sv")


@pytest.mark.parametrize("cut", range(1, 400, 7))
def test_what_a_killed_write_left_counts_for_nothing(path, make, cut: int) -> None:
    vault = Vault(path, PASSPHRASE)
    docs = [make("1 <NAME>Anna</NAME>"), make("2 <NAME>Bo</NAME>")]
    vault.add(docs)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    kept = whole[:-cut].count(b"\n") - 1  # the header's
    again = Vault(path, PASSPHRASE)
    again.add([make("3 <NAME>Eva</NAME>")])
    for doc in [*docs[: max(0, kept)], make("3 <NAME>Eva</NAME>")]:
        assert again.restore(doc._.deid_text) == doc.text


def test_a_full_disk_leaves_the_vault_as_it_was(path, make, monkeypatch) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make("1 <NAME>Anna</NAME>")])
    before = path.read_bytes()

    def half(file, data, at, *, write=os.pwrite):
        write(file, data[: len(data) // 2], at)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", half)
    with pytest.raises(OSError, match="space"):
        vault.add([make("2 <NAME>Bo</NAME>")])
    assert path.read_bytes() == before


def test_a_changed_line_is_named(path, make) -> None:
    Vault(path, PASSPHRASE).add([make("1 <NAME>Anna</NAME>"), make("2 <NAME>Bo</NAME>")])
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2][:30] + (b"A" if lines[2][30:31] != b"A" else b"B") + lines[2][31:]
    path.write_bytes(b"".join(lines))
    with pytest.raises(DeidError, match="line 3"):
        Vault(path, PASSPHRASE).restore("x")


@pytest.mark.parametrize(
    "content", [b"{}\n", b"note text\n", b"\xff\n", b'{"format": "spacy-deid vault 9"}\n', b"[1]\n"]
)
def test_a_file_that_is_no_vault_is_refused_and_kept(path, make, content: bytes) -> None:
    path.write_bytes(content)
    for action in (lambda: Vault(path, PASSPHRASE).restore("x"), lambda: Vault(path, PASSPHRASE).add([make(NAMES)])):
        with pytest.raises(DeidError, match="no vault"):
            action()
    assert path.read_bytes() == content


@pytest.mark.parametrize("cost", [0, 1, 3, 2.5, 2.0, -2, True, "2", 2**21, None, [2]])
def test_a_cost_that_no_vault_has_is_refused(path, make, cost) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES)])
    header, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(header) | {"scrypt_n": cost}).encode() + b"\n" + rest)
    with pytest.raises(DeidError, match="no vault of this version"):
        Vault(path, PASSPHRASE).restore("x")


def add_many(path, texts: list[str]) -> None:
    vault = Vault(path, PASSPHRASE)
    for text in texts:
        doc = BLANK.make_doc(text)
        doc.ents = [Span(doc, 0, 1, label="NAME")]
        doc._.deid_replacements = [Replacement(0, len(doc[0]), "[NAME]")]
        vault.add([doc])


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
