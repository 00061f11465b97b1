"""The public word lists that decide which pieces a cut vocabulary keeps: never a corpus of notes."""

from collections.abc import Sequence

from spacy_deid.errors import DeidError

UPPERCASE_SHARE = 8  # one word in so many also counts in capitals: headings use common words


def check_languages(languages: Sequence[str]) -> None:
    """Raise DeidError when wordfreq has no list of a language (ISO 639-1 codes)."""
    from wordfreq import available_languages

    known = available_languages("best")
    unknown = [language for language in languages if language not in known]
    if unknown or not languages:
        msg = (
            f"No word list of language {', '.join(unknown) or '(none given)'}. Choose among: {', '.join(sorted(known))}"
        )
        raise DeidError(msg)


def common_words(language: str, count: int) -> list[str]:
    """Return the ``count`` commonest words of a language (fewer where the list is shorter), commonest first.

    Source: the wordfreq package's lists (Robyn Speer), which hold no numbers.
    """
    from wordfreq import top_n_list

    if count < 1:
        msg = f"The number of words must be 1 or more, not {count}."
        raise DeidError(msg)
    return top_n_list(language, count)


def written_forms(words: Sequence[str]) -> list[str]:
    """Return the forms in which words stand in a text: inside or at the start of a sentence, or in a heading."""
    capitals = [word.upper() for word in words[: len(words) // UPPERCASE_SHARE]]
    return [*words, *(word.capitalize() for word in words), *capitals]
