"""Language packs: all knowledge of one language, read from one folder.

A pack is a folder ``<code>/`` with ``language.toml`` (see `spacy_deid.lang.facts`), ``rules/``, ``lists/``, tables
(``dates.toml``, ``forms.toml`` ...), ``templates/`` and, where data is not enough, ``checks.py`` and ``identity.py``.
docs/languages.md describes each file. Only ``language.toml`` is required, so that a pack may consist of rules alone.

Packs come with this package, from installed packages that name theirs under the entry point group
``spacy_deid_languages``, and from any folder, see `pack_at`. A pack may extend another one. A file that a pack lacks is
looked up in the pack that it extends, and in ``any``, which holds what is common to all languages.
"""

import importlib
import re
import sys
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from spacy_deid.errors import DeidError
from spacy_deid.lang.facts import Facts
from spacy_deid.lang.pack_files import WordList, merged_tables, read_entries, read_toml, word_list

ANY = "any"
GROUP = "spacy_deid_languages"
LANGUAGE = "language.toml"
_SHIPPED = "spacy_deid.lang"
_LONGEST_CHAIN = 8  # packs that extend one another


class Folder(BaseModel):
    """A pack's folder, and the name of the Python package under which its modules are imported."""

    model_config = ConfigDict(frozen=True)

    code: str
    path: Path
    package: str


_ADDED: dict[str, Folder] = {}  # by `add_pack`


class LanguagePack(BaseModel):
    """One language: its facts, and its files in the folders of the pack, of those that it extends, and of ``any``.

    A language without a pack has no facts and only the files of ``any``, so that no code depends on a pack.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    folders: tuple[Folder, ...]
    facts: Facts

    @property
    def own(self) -> tuple[Folder, ...]:
        """The folders of the pack and of those that it extends, without ``any``."""
        return tuple(folder for folder in self.folders if folder.code != ANY)

    def has(self, name: str) -> bool:
        """Whether the pack has the file or folder ``name``, such as "dates.toml" or "rules"."""
        return any((folder.path / name).exists() for folder in self.own)

    def table(self, name: str) -> Mapping[str, Any]:
        """Return the TOML file ``name``; an extending pack adds to the tables and arrays of the pack that it extends.

        Raises DeidError if the pack has no such file, or if it is not TOML.
        """
        return _table(self.own, self.code, name)

    def list(self, name: str) -> WordList:
        """Return the list ``name`` from ``lists/<name>.txt`` in all folders; it is empty without a file."""
        return _list(self.folders, name)

    def names(self, origin: str) -> Mapping[str, Any]:
        """Return the names of people of one origin, ``names/<origin>.toml``; DeidError if no folder has it."""
        return _names(self.folders, self.code, origin)

    def origins(self) -> tuple[str, ...]:
        """Return the origins of the pack's names, sorted."""
        return tuple(sorted({file.stem for folder in self.folders for file in (folder.path / "names").glob("*.toml")}))

    def path(self, name: str) -> Path:
        """Return the first file or folder ``name``, such as "templates"; without one, the pack's own path for it."""
        places = [folder.path / name for folder in self.own or self.folders]
        return next((place for place in places if place.exists()), places[0])

    def module(self, name: str) -> ModuleType | None:
        """Return the pack's Python module ``name``, such as "identity", or None."""
        return next(iter(self.modules(name)), None)

    def modules(self, name: str) -> tuple[ModuleType, ...]:
        """Return the Python modules ``name`` of all folders, the pack's own first."""
        return tuple(
            importlib.import_module(f"{folder.package}.{name}")
            for folder in self.folders
            if (folder.path / f"{name}.py").is_file()
        )


@cache
def pack_of(code: str) -> LanguagePack:
    """Return the installed pack of the language ``code``; without one, a pack without files."""
    folder = installed().get(code)
    if folder is None:
        return LanguagePack(code=code, folders=(_any(),), facts=Facts(name=code or "unknown"))
    return _pack(folder)


@cache
def pack_at(path: Path) -> LanguagePack:
    """Return the pack in a folder outside any package; its code is the folder's name.

    Raises DeidError if the folder has no language.toml, or a wrong one.
    """
    folder = path.resolve()
    if not (folder / LANGUAGE).is_file():
        raise DeidError(f"{path} holds no {LANGUAGE}. Remedy: name the folder of a language pack.")
    return _pack(Folder(code=folder.name, path=folder, package=_package_at(folder)))


def add_pack(path: Path) -> LanguagePack:
    """Return the pack in a folder, which counts as installed from now on, in this process only.

    It takes precedence over an installed pack of the same code. Raises DeidError as `pack_at` does.
    """
    pack = pack_at(path)
    _ADDED[pack.code] = pack.folders[0]
    installed.cache_clear()
    pack_of.cache_clear()
    return pack


@cache
def installed() -> Mapping[str, Folder]:
    """Return the folders of all installed packs by code, sorted; this package's take precedence over others of a code.

    Raises DeidError for an entry point without its module or folder.
    """
    points = entry_points(group=GROUP)
    found = {point.name: Folder(code=point.name, path=_path_of(point.value), package=point.value) for point in points}
    shipped = (path for path in _path_of(_SHIPPED).iterdir() if (path / LANGUAGE).is_file())
    found |= {path.name: Folder(code=path.name, path=path, package=f"{_SHIPPED}.{path.name}") for path in shipped}
    return dict(sorted((found | _ADDED).items()))


def installed_packs() -> tuple[LanguagePack, ...]:
    """Return all installed packs, sorted by code."""
    return tuple(_pack(folder) for folder in installed().values())


@cache
def name_particles() -> frozenset[str]:
    """Return the particles of names in every language, in lower case: "de", "van", "ibn"."""
    return pack_of(ANY).list("particles").sure


def read_facts(path: Path) -> Facts:
    """Return the facts of a language.toml; DeidError, with file and entry, for an entry that is not allowed."""
    try:
        return Facts.model_validate(read_toml(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DeidError(f"{path}, {where}: {first['msg']}. Remedy: see docs/languages.md.") from None


@cache
def _pack(folder: Folder) -> LanguagePack:
    facts, folders = read_facts(folder.path / LANGUAGE), [folder]
    merged = read_toml(folder.path / LANGUAGE)
    while facts.extends:
        base = installed().get(facts.extends)
        if base is None or len(folders) == _LONGEST_CHAIN:
            raise DeidError(
                f"{folders[-1].path / LANGUAGE}: extends {facts.extends!r}, which is not installed or extends it in "
                f"turn. Remedy: use one of {', '.join(installed())}."
            )
        folders.append(base)
        facts = read_facts(base.path / LANGUAGE)
        merged = merged_tables(read_toml(base.path / LANGUAGE), merged)
    return LanguagePack(code=folder.code, folders=(*folders, _any()), facts=Facts.model_validate(merged))


@cache
def _table(folders: tuple[Folder, ...], code: str, name: str) -> dict[str, Any]:
    paths = [path for folder in folders if (path := folder.path / name).is_file()]
    if not paths:
        raise DeidError(
            f"The language {code!r} has no {name}. Remedy: use one that has, of {', '.join(installed())}, or add "
            f"{name} to the folder of the language pack, see docs/languages.md."
        )
    merged: dict[str, Any] = {}
    for path in reversed(paths):
        merged = merged_tables(merged, read_toml(path))
    return merged


@cache
def _list(folders: tuple[Folder, ...], name: str) -> WordList:
    paths = [folder.path / "lists" / f"{name}.txt" for folder in reversed(folders)]
    lines = [line for path in paths if path.is_file() for line in read_entries(path)]
    return word_list(lines)


@cache
def _names(folders: tuple[Folder, ...], code: str, origin: str) -> dict[str, Any]:
    for folder in folders:
        path = folder.path / "names" / f"{origin}.toml"
        if path.is_file():
            return read_toml(path)
    raise DeidError(
        f"The language {code!r} has no names of the origin {origin!r}. Remedy: add names/{origin}.toml to its folder."
    )


def _any() -> Folder:
    return Folder(code=ANY, path=_path_of(_SHIPPED) / ANY, package=f"{_SHIPPED}.{ANY}")


def _path_of(package: str) -> Path:
    try:
        return Path(str(files(package)))
    except (ModuleNotFoundError, TypeError):
        raise DeidError(
            f"The package {package!r}, named under {GROUP}, cannot be imported. Remedy: install it again."
        ) from None


def _package_at(folder: Path) -> str:
    """Return the name of a package whose modules are the files of ``folder``."""
    digest = sha256(str(folder).encode()).hexdigest()[:12]
    name = f"spacy_deid_pack_{re.sub(r'[^a-z0-9]', '_', folder.name.lower())}_{digest}"
    if name not in sys.modules:
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name
