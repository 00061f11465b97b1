"""The genitive of names, as a language pack has it: an ending that some names do without ("Annas", but "Max")."""

from spacy_deid.lang.pack import pack_of


def genitive(name: str, lang: str) -> str:
    """Return the genitive of ``name``, which is the name itself after some letters and in some languages."""
    return pack_of(lang).facts.genitive.of(name)


def without_genitive(word: str, lang: str) -> str:
    """Return ``word``, in lower case, without the ending of a genitive."""
    return word.removesuffix(genitive_ending(lang))


def genitive_ending(lang: str) -> str:
    """Return the ending in lower case, "" in a language that has none."""
    return pack_of(lang).facts.genitive.ending
