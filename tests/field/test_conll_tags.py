"""CoNLL files of any tagging scheme give the intended gold, or an error with its line."""

from pathlib import Path

import pytest

from spacy_deid.corpus.formats import conll
from spacy_deid.corpus.intake import Intake, UnknownLabel
from spacy_deid.errors import DeidError

TOKENS = ["Anna", "Berg", "och", "Bo", "Ek", "Lund", "Sjö", "mår", "bra"]
# four entities: "Anna Berg", "Bo", "Ek Lund Sjö" (beside one of the same label) and the places of none
NAMES = [("Anna Berg", "NAME"), ("Bo", "NAME"), ("Ek Lund Sjö", "NAME")]
SCHEMES = {
    "IOB1": "I I O I B I I O O",
    "IOB2": "B I O B B I I O O",
    "BILUO": "B L O U B I L O O",
    "BIOES": "B E O S B I E O O",
    "BMEWO": "B E O W B M E O O",
    "BMES": "B E O S B M E O O",
    "IOE2": "I E O E I I E O O",
}


def read(path: Path, tags: str, unknown_label: UnknownLabel = UnknownLabel.error) -> list[tuple[str, str]]:
    """Return a sentence's entities, for tags separated by spaces; a prefix alone is one of NAME."""
    rows = zip(TOKENS, tags.split(), strict=False)
    lines = [f"{token}\t{tag if tag == 'O' or len(tag) > 1 else f'{tag}-NAME'}\n" for token, tag in rows]
    path.write_text("".join(lines), "utf8")
    [note] = conll.read(path, Intake(unknown_label))
    return [(note.text[start:end], label) for start, end, label in note.spans]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_scheme_gives_the_same_gold(tmp_path: Path, scheme: str) -> None:
    assert read(tmp_path / "x.conll", SCHEMES[scheme]) == NAMES


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_prefix_never_becomes_part_of_a_label(tmp_path: Path, scheme: str) -> None:
    # --unknown-label keep once made the labels L-WARD and U-WARD
    tags = " ".join(tag if tag == "O" else f"{tag}-WARD" for tag in SCHEMES[scheme].split())
    assert {label for _, label in read(tmp_path / "x.conll", tags, UnknownLabel.keep)} == {"WARD"}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_underscore_parts_prefix_and_label_too(tmp_path: Path, scheme: str) -> None:
    tags = " ".join(tag if tag == "O" else f"{tag}_NAME" for tag in SCHEMES[scheme].split())
    assert read(tmp_path / "x.conll", tags) == NAMES


@pytest.mark.parametrize(
    ("tags", "names"),
    [
        ("U O O", ["Anna"]),
        ("S O O", ["Anna"]),
        ("B L O", ["Anna Berg"]),
        ("B E O", ["Anna Berg"]),
        ("NAME NAME O", ["Anna Berg"]),
        ("E-MAIL O NAME", ["Anna", "och"]),
        ("O O O", []),
    ],
)
def test_a_few_tags_tell_the_scheme(tmp_path: Path, tags: str, names: list[str]) -> None:
    assert [text for text, _ in read(tmp_path / "x.conll", tags, UnknownLabel.keep)] == names


@pytest.mark.parametrize(
    ("tags", "line", "problem"),
    [
        ("B L O B E", 5, "of another scheme"),
        ("U O S", 3, "of another scheme"),
        ("B L O NAME", 4, "without a prefix"),
        ("B O U", 2, "does not follow"),
        ("B B L", 2, "does not follow"),
        ("L O U", 1, "does not follow"),
        ("B L-DATE", 2, "does not follow"),
        ("U I L", 2, "does not follow"),
        ("U O B I", 4, "has no end"),
        ("S O B", 3, "has no end"),
    ],
)
def test_a_file_that_breaks_its_scheme_is_an_error_with_its_line(
    tmp_path: Path, tags: str, line: int, problem: str
) -> None:
    with pytest.raises(DeidError, match=rf"x\.conll, line {line}: .*{problem}") as error:
        read(tmp_path / "x.conll", tags, UnknownLabel.keep)
    assert not any(token in str(error.value) for token in TOKENS if len(token) > 2)


def test_the_scheme_is_that_of_the_whole_file(tmp_path: Path) -> None:
    # a sentence of B and I alone is as good IOB as BILUO; in BILUO it is not ended
    (tmp_path / "x.conll").write_text("Anna\tB-NAME\nBerg\tI-NAME\n\nBo\tU-NAME\n", "utf8")
    with pytest.raises(DeidError, match="line 2: .*has no end in BILUO"):
        list(conll.read(tmp_path / "x.conll", Intake()))
