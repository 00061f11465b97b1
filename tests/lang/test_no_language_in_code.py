"""No language in code: everything Swedish or Spanish is in a language pack.

Outside spacy_deid/lang/<code>/ no string literal may be the code of a language or contain a letter outside ASCII.
Comments and docstrings may show examples, and messages may contain punctuation ("–", "✔"). Two-letter codes that are
also words, such as "no", count only if a pack of that code is installed.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacy_deid.lang.pack import installed_packs

PACKAGE = Path(__file__).parents[2] / "spacy_deid"
CODES = {pack.code for pack in installed_packs()}
FOLDERS = tuple(f"lang/{code}/" for code in CODES)
# tables and ranges of letters of the Latin script, whatever the language
LETTERS = ("text.py", "lang/names.py", "lang/rereading.py", "models/vocabulary.py")


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


FILES = sorted(path for path in PACKAGE.rglob("*.py") if not name_of(path).startswith(FOLDERS))


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string of a file that is no docstring."""
    tree = ast.parse(path.read_text("utf8"))
    with_docstrings = (each for each in ast.walk(tree) if isinstance(each, ast.Module | ast.ClassDef | ast.FunctionDef))
    docstrings = {
        id(each.body[0].value) for each in with_docstrings if each.body and isinstance(each.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


def has_foreign_letters(text: str) -> bool:
    return any(character.isalpha() and not character.isascii() for character in text)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_knows_a_language(path: Path) -> None:
    modules = tuple(f"spacy_deid.lang.{code}" for code in CODES)
    assert [f"line {line}" for line, text in literals(path) if text in CODES or text.startswith(modules)] == []


@pytest.mark.parametrize("path", [path for path in FILES if name_of(path) not in LETTERS], ids=name_of)
def test_no_file_holds_words_of_a_language(path: Path) -> None:
    assert [f"line {line}" for line, text in literals(path) if has_foreign_letters(text)] == []


@pytest.mark.parametrize("text", ['lang == "sv"', 'words = "född"', 'f"född {x}"'])
def test_such_words_and_codes_are_seen(text: str, tmp_path: Path) -> None:
    file = tmp_path / "leak.py"
    file.write_text(f'"""Född is fine here."""\n{text}\n', "utf8")
    assert [line for line, found in literals(file) if found in CODES or has_foreign_letters(found)] == [2]
