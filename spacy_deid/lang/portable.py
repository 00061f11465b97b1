"""A language pack from a folder, as text that travels with a pipeline: its facts, rules and lists.

Code does not travel, so that a pipeline that somebody loads runs nothing but data of the pack.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from spacy_deid.errors import DeidError
from spacy_deid.lang.pack import LANGUAGE, LanguagePack, pack_at
from spacy_deid.lang.recognizer import RuleSet, rules_of

_FOLDERS = {"rules": "*.toml", "lists": "*.txt"}


def files_of(pack: LanguagePack) -> dict[str, str]:
    """Return the texts of a pack's own files by their paths below its folder.

    Raises DeidError for a pack with Python modules.
    """
    folder = pack.folders[0].path
    if modules := sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py"):
        raise DeidError(
            f"{folder} holds code, {modules[0]}, which is not saved with a pipeline. Remedy: install the pack as a "
            "package with an entry point, and name its code as `lang`; or leave the code out."
        )
    paths = [folder / LANGUAGE, *(path for name, kind in _FOLDERS.items() for path in (folder / name).glob(kind))]
    return {path.relative_to(folder).as_posix(): path.read_text("utf8") for path in sorted(paths)}


def rules_from(files: Mapping[str, str]) -> RuleSet:
    """Return the rules of a pack whose files are those that `files_of` returned.

    Raises DeidError for a file in another place than a pack has rules and lists, and for wrong rules.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "pack")
        for name, text in files.items():
            _check(name)
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf8")
        return rules_of(pack_at(folder))


def _check(name: str) -> None:
    parent, kind = Path(name).parent.as_posix(), Path(name).suffix
    if name != LANGUAGE and _FOLDERS.get(parent) != f"*{kind}":
        raise DeidError(f"{name!r} is no file of a language pack's rules or lists. Remedy: save the pipeline again.")
