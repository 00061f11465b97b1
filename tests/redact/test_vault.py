"""The vault: originals come back exactly, to whoever has the passphrase and to nobody else, whatever was killed."""

import multiprocessing
import os
import pickle
import stat
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import DocBin, Span
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.redact import sealed
from spacy_deid.redact.offsets import Replacement
from spacy_deid.redact.passphrase import ENVIRONMENT
from spacy_deid.redact.vault import Vault

PASSPHRASE = b"correct horse battery"
NAMES = "<NAME>Anna Ek</NAME> och <NAME>Bo Berg</NAME> den <DATE>12/4-23</DATE>."
BLANK = fine_blank("sv")


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch) -> None:
    monkeypatch.setattr(sealed, "_COST", 2)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault.deid"


@pytest.fixture
def make(with_entities):
    """Makes a redacted Doc of inline markup; every replacement is its label in brackets, with a number for a NAME."""

    def make_doc(markup: str, document: str = "", patient: str = ""):
        doc = with_entities(BLANK, markup)
        doc._.deid_id, doc._.deid_group = document, patient
        doc._.deid_replacements = [
            Replacement(ent.start_char, ent.end_char, f"[{ent.label_}{number if ent.label_ == 'NAME' else ''}]")
            for number, ent in enumerate(doc.ents)
        ]
        return doc

    return make_doc


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


@pytest.mark.parametrize("which", [{}, {"document": "1", "patient": "a"}])
def test_a_purge_is_of_a_document_or_of_a_patient(path, which) -> None:
    with pytest.raises(DeidError, match="either"):
        Vault(path, PASSPHRASE).purge(**which)


def test_after_a_rotation_the_new_passphrase_alone_opens_the_vault(path, make) -> None:
    doc = make(NAMES)
    old, new = Vault(path, PASSPHRASE), Vault(path, b"another passphrase")
    old.add([doc])
    old.rotate(b"another passphrase")
    assert new.restore(doc._.deid_text) == doc.text
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
    _, first, second = path.read_bytes().splitlines()
    assert first != second


def test_a_wrong_passphrase_is_one_error_and_changes_nothing(path, make) -> None:
    Vault(path, PASSPHRASE).add([make(NAMES)])
    before = path.read_bytes()
    wrong = Vault(path, b"wrong passphrase")
    for action in (lambda: wrong.restore("x"), lambda: wrong.add([make(NAMES)]), lambda: wrong.purge(document="1")):
        with pytest.raises(DeidError, match="The passphrase is not that of") as error:
            action()
        assert "wrong passphrase" not in str(error.value)
    assert path.read_bytes() == before


# --- kills, damage, many writers


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


# --- deid_redact


def pipeline(path, **config):
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": [{"ORTH": "Ek"}]}])
    nlp.add_pipe("deid_redact", config={"vault": str(path), "mode": "index", **config})
    return nlp


@pytest.mark.parametrize("processes", [1, 2])
def test_deid_redact_fills_the_vault(path, monkeypatch, processes: int) -> None:
    monkeypatch.setenv(ENVIRONMENT, PASSPHRASE.decode())
    texts = [f"Ek sov natt {number}." for number in range(6)]
    nlp = pipeline(path)
    assert not path.exists()
    redacted = [doc._.deid_text for doc in nlp.pipe(texts, n_process=processes, batch_size=2)]
    assert [Vault(path, PASSPHRASE).restore(text) for text in redacted] == texts


def test_the_passphrase_is_never_written(path, tmp_path, monkeypatch) -> None:
    (tmp_path / "pass.txt").write_bytes(PASSPHRASE + b"\n")
    nlp = pipeline(path, vault_passphrase=str(tmp_path / "pass.txt"))
    doc = nlp("Ek")
    nlp.to_disk(tmp_path / "saved")
    written = [file.read_bytes() for file in (tmp_path / "saved").rglob("*") if file.is_file()]
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    for data in [*written, nlp.to_bytes(), doc.to_bytes(), packed, repr(vars(nlp.config)).encode()]:
        assert PASSPHRASE not in data


def test_a_vault_that_was_used_can_go_to_another_process(path, make) -> None:
    vault = Vault(path, PASSPHRASE)
    vault.add([make(NAMES)])
    sent = pickle.loads(pickle.dumps(vault))  # noqa: S301
    sent.add([make("<NAME>Eva</NAME>")])
    assert vault.restore("[NAME0]") == "Eva"


def test_without_a_passphrase_a_pipeline_with_a_vault_does_not_load(path, monkeypatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(DeidError, match=ENVIRONMENT):
        pipeline(path)


@pytest.mark.parametrize("content", [b"", b"  short ", b"1234567\n"])
def test_a_short_passphrase_is_refused_without_being_shown(path, tmp_path, content: bytes) -> None:
    (tmp_path / "pass.txt").write_bytes(content)
    with pytest.raises(DeidError, match="8 characters") as error:
        pipeline(path, vault_passphrase=str(tmp_path / "pass.txt"))
    assert not content.strip() or content.strip().decode() not in str(error.value)


def test_a_passphrase_in_the_place_of_its_file_is_not_shown(path) -> None:
    with pytest.raises(DeidError, match="cannot be read") as error:
        pipeline(path, vault_passphrase="correct horse battery")
    assert "horse" not in str(error.value)


# --- the command


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
