"""The vault: the originals are restored exactly, only with the passphrase."""

import sqlite3
import stat
from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.offsets import Replacement
from spacy_deid.redact.sealed import SealedFile
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"
NAMES = "<NAME>Anna Ek</NAME> och <NAME>Bo Berg</NAME> den <DATE>12/4-23</DATE>."
BLANK = fine_blank("sv")


# --- restore


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=[]), min_size=1),
    borders=st.sets(st.integers(0, 30), max_size=6),
    replacements=st.lists(st.text(max_size=5), min_size=6, max_size=6),
)
def test_any_text_comes_back_exactly(tmp_path_factory, text, borders, replacements) -> None:
    doc = BLANK.make_doc(text)
    within = sorted(border for border in borders if border <= len(text))
    spans = zip(within[::2], within[1::2], replacements, strict=False)
    doc._.deid_replacements = [Replacement(start, end, new) for start, end, new in spans]
    vault = Vault(tmp_path_factory.mktemp("vault") / "vault.deid", PASSPHRASE)
    vault.add([doc])
    assert vault.restore(doc._.deid_text) == text


def test_each_text_comes_back_as_itself(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    docs = [make(NAMES, "1"), make("Hej <NAME>Eva</NAME>", "2"), make("<NAME>Eva</NAME>, <AGE>8 år</AGE>", "2")]
    vault.add(docs[:2])
    vault.add(docs[2:])
    for doc in docs:
        assert Vault(path, PASSPHRASE).restore(doc._.deid_text) == doc.text


def test_a_text_that_was_changed_is_refused_without_being_shown(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES)])
    with pytest.raises(DeidError, match="document") as error:
        vault.restore("[NAME0] och Kalle.")
    assert "Kalle" not in str(error.value)


def test_another_text_about_a_document_gets_what_is_clear(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES + " <DATE>1/5</DATE>", "1"), make("<NAME>Eva</NAME>", "2")])
    assert vault.restore_in("Summary: [NAME0], x[NAME1]. [DATE]", "1") == ("Summary: Anna Ek, xBo Berg. [DATE]", 1)
    assert vault.restore_in("[NAME0]", "2") == ("Eva", 0)
    with pytest.raises(DeidError, match="'3'"):
        vault.restore_in("[NAME0]", "3")


def test_surrogates_are_restored_as_whole_words_longer_ones_first(path, make) -> None:
    doc = make("<NAME>Anna Ek</NAME> <NAME>Ek</NAME> <NAME>Bo</NAME>", "1")
    names = ("Eva Sten", "Sten", "Li")
    doc._.deid_replacements = [old._replace(text=new) for old, new in zip(doc._.deid_replacements, names, strict=True)]
    vault = Vault(path, PASSPHRASE)
    vault.add([doc])
    assert vault.restore_in("Eva Sten, Sten, Stenar, Liv, Li", "1") == ("Anna Ek, Ek, Stenar, Liv, Bo", 0)


def test_a_text_that_two_documents_share_is_nobodys_until_one_is_named(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    for document, name in (("1", "Anna Ek"), ("2", "Lars Berglund")):
        vault.add(
            [make(f"<NAME>{name}</NAME> mår bra, åter <DATE>{document}/4</DATE> och <DATE>5/5</DATE>.", document)]
        )
    text = "[NAME0] mår bra, åter [DATE] och [DATE]."
    with pytest.raises(DeidError, match="several originals.*Remedy: name its document") as error:
        vault.restore(text)
    assert "mår" not in str(error.value)
    assert vault.restore_in(text, "1") == ("Anna Ek mår bra, åter 1/4 och 5/5.", 0)
    assert vault.restore_in(text, "2") == ("Lars Berglund mår bra, åter 2/4 och 5/5.", 0)
    with pytest.raises(DeidError, match="'3'"):
        vault.restore_in(text, "3")


def test_a_text_that_was_added_twice_is_restored(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES, "1"), make(NAMES, "2")])
    doc = make(NAMES)
    assert vault.restore(doc._.deid_text) == doc.text


# --- purge, rotate


@pytest.mark.parametrize(
    ("which", "left"), [({"document": "1"}, [1, 2]), ({"patient": "a"}, [2]), ({"patient": "x"}, [0, 1, 2])]
)
def test_what_was_purged_cannot_be_restored(path, make, which, left) -> None:
    docs = [
        make("1 <NAME>Anna</NAME>", "1", "a"),
        make("2 <NAME>Anna</NAME>", "2", "a"),
        make("3 <NAME>Bo</NAME>", "3"),
    ]
    vault = Vault(path, PASSPHRASE)
    vault.add(docs)
    assert vault.purge(**which) == 3 - len(left)
    for number, doc in enumerate(docs):
        if number in left:
            assert vault.restore(doc._.deid_text) == doc.text
        else:
            with pytest.raises(DeidError):
                vault.restore(doc._.deid_text)
    vault.add([docs[0]])
    assert vault.restore(docs[0]._.deid_text) == docs[0].text


def test_nothing_of_what_was_purged_is_left_in_the_file(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(f"{number} <NAME>Anna</NAME>" * 200, str(number)) for number in range(3)])
    with closing(sqlite3.connect(path)) as database:
        sealed = database.execute("SELECT sealed FROM body WHERE number = 2").fetchone()[0]
    assert vault.purge(document="1") == 1
    left = path.read_bytes()
    assert not any(sealed[start : start + 16] in left for start in range(0, len(sealed) - 16, 16))
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_restoring_reads_the_originals_of_that_document_alone(path, make, monkeypatch) -> None:
    Vault(path, PASSPHRASE).add([make(f"<NAME>Anna</NAME> {number}", str(number)) for number in range(9)])
    read = []
    monkeypatch.setattr(SealedFile, "_read", lambda *args, real=SealedFile._read: read.append(args[3:]) or real(*args))
    assert Vault(path, PASSPHRASE).restore("[NAME0] 4") == "Anna 4"
    assert read == [("body", 5)]


@pytest.mark.parametrize("which", [{}, {"document": "1", "patient": "a"}])
def test_a_purge_is_of_a_document_or_of_a_patient(path, which) -> None:
    with pytest.raises(DeidError, match="either"):
        Vault(path, PASSPHRASE).purge(**which)


def test_after_a_rotation_the_new_passphrase_alone_opens_the_vault(path, make) -> None:
    doc = make(NAMES)
    rotated, old, new = Vault(path, PASSPHRASE), Vault(path, PASSPHRASE), Vault(path, b"another passphrase")
    rotated.add([doc])
    rotated.rotate(b"another passphrase")
    rotated.add([doc])
    assert rotated.restore(doc._.deid_text) == new.restore(doc._.deid_text) == doc.text
    for action in (lambda: old.restore(doc._.deid_text), lambda: old.add([doc]), lambda: old.purge(document="1")):
        with pytest.raises(DeidError, match="passphrase"):
            action()


# --- who can read it


def test_the_file_is_its_owners_and_shows_nothing(path, make) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES, "Note-of-Anna", "Anna-Ek")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    data = path.read_bytes()
    for secret in (b"Anna", b"Berg", b"[NAME0]", b"12/4", PASSPHRASE):
        assert secret not in data
    Vault(path, PASSPHRASE).rotate(PASSPHRASE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_document_never_looks_the_same(path, make) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES), make(NAMES)])
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT sealed FROM head UNION SELECT sealed FROM body").fetchall()
    assert len(rows) == 4


def test_a_wrong_passphrase_is_one_error_and_changes_nothing(path, make) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES)])
    before = path.read_bytes()
    wrong = Vault(path, b"wrong passphrase")
    for action in (lambda: wrong.restore("x"), lambda: wrong.add([make(NAMES)]), lambda: wrong.purge(document="1")):
        with pytest.raises(DeidError, match="The passphrase is not that of") as error:
            action()
        assert "wrong passphrase" not in str(error.value)
    assert path.read_bytes() == before
