"""The genitive of names, as forms.toml has it: an ending that some names do without ("Annas", but "Max")."""

from collections.abc import Mapping

from spacy_deid.lang.tables import read_table


def genitive(name: str, lang: str) -> str:
    """Return the genitive of ``name``, which is the name itself after some letters and in some languages."""
    facts = _facts(lang)
    return name if name[-1].lower() in facts["bare_after"] else name + facts["ending"]


def without_genitive(word: str, lang: str) -> str:
    """Return ``word``, in lower case, without the ending of a genitive."""
    return word.removesuffix(genitive_ending(lang))


def genitive_ending(lang: str) -> str:
    """Return the ending in lower case, "" in a language that has none."""
    return _facts(lang)["ending"]


def _facts(lang: str) -> Mapping[str, str]:
    facts: Mapping[str, str] = read_table(lang, "forms.toml")["genitive"]
    return facts
