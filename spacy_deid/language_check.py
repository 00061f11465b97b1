"""The check of a language pack: the complete tiers, the missing files, and the examples of its rules."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

from spacy.language import Language
from spacy.tokens import Doc, Span

from spacy_deid.annotate.rules import found_by
from spacy_deid.corpus.templates.fill import fill
from spacy_deid.corpus.templates.noise import hasty_writing_of
from spacy_deid.corpus.templates.parse import parse as parse_template
from spacy_deid.corpus.templates.parse import templates_of
from spacy_deid.corpus.templates.written import FOLDER, with_other_values, written_notes_of
from spacy_deid.errors import DeidError
from spacy_deid.labels import category_of, known_labels
from spacy_deid.lang.dates import read_date
from spacy_deid.lang.external import check_installed
from spacy_deid.lang.lexicon import has_ordinary_form, is_eponym
from spacy_deid.lang.no_names import no_names
from spacy_deid.lang.pack import LANGUAGE, LanguagePack
from spacy_deid.lang.recognizer import Recognizer, line_of, rules_of
from spacy_deid.lang.tables import slots_of, words_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.policy import read_policy
from spacy_deid.surrogates.cast import Cast

_GUARD = "GUARD"  # the tag of a guard's span in an example
_KEY = b"the key of a check, which hides nothing"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault, with the file and the line (0 for the whole file) to correct."""

    file: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}{f', line {self.line}' if self.line else ''}: {self.text}"


@dataclass(frozen=True, slots=True)
class Tier:
    """A part of a pack that works without the later ones.

    Attributes:
        name: The tier's name.
        lacking: The names of missing files.
        problems: The faults in the files. They are sought only if no file is missing and at least one is the pack's own
            rather than that of the pack that it extends.
        unchecked: Why the files could not be checked, such as a library that is not installed; "" if they were.
    """

    name: str
    lacking: tuple[str, ...]
    problems: tuple[Problem, ...]
    unchecked: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether no file is missing or wrong, as far as they could be checked."""
        return not self.lacking and not self.problems and not self.unchecked


def check_pack(pack: LanguagePack) -> list[Tier]:
    """Return the tiers of an installed pack; see `spacy_deid.lang.pack.add_pack` for others."""
    return [_tier(pack, name, files, check) for name, (files, check) in _TIERS.items()]


def example_problems(pack: LanguagePack, recognizer: Recognizer, kind: str) -> list[str]:
    """Return the faults that a rule's examples show.

    Args:
        pack: The pack in whose language the examples are read.
        recognizer: The rule or guard.
        kind: "rule" or "guard".

    Returns:
        A sentence for each example whose markup differs from the rule's matches, and for each text of `leaves` with a
        match; or one sentence if there is no example in `finds`.
    """
    if not recognizer.finds:
        return ['no example: add finds = ["..."] with markup around the match']
    return [
        *(problem for markup in recognizer.finds if (problem := _misses(pack, recognizer, kind, markup))),
        *(f"it finds something in {text!r}" for text in recognizer.leaves if _found(pack, recognizer, kind, text)),
    ]


def _misses(pack: LanguagePack, recognizer: Recognizer, kind: str, markup: str) -> str:
    try:
        text, spans = parse(markup, {*known_labels(), _GUARD})
    except DeidError as error:
        return f"the example {markup!r}: {error}"
    label = category_of(recognizer.label) if recognizer.label else _GUARD
    wanted = {(start, end, category_of(tag) if tag != _GUARD else tag) for start, end, tag in spans}
    found = {(start, end, label) for start, end in _found(pack, recognizer, kind, text)}
    if found == wanted and found:
        return ""
    shown = ", ".join(repr(text[start:end]) for start, end, _ in sorted(found)) or "nothing"
    missed = {(start, end) for start, end, _ in wanted - found}
    return f"in {markup!r} it finds {shown}, as {label}{_refusal(pack, recognizer, kind, text, missed)}"


def _refusal(pack: LanguagePack, recognizer: Recognizer, kind: str, text: str, missed: set[tuple[int, int]]) -> str:
    """Return which condition of the rule refuses a match of its pattern that the example marks; "" if none does."""
    relaxed = {
        "check refuses": replace(recognizer, check=None),
        "context refuses": replace(recognizer, context=None),
        "check and its context refuse": replace(recognizer, check=None, context=None),
    }
    for conditions, rule in relaxed.items():
        if refused := sorted(_found(pack, rule, kind, text) & missed):
            return f"; its {conditions} {', '.join(repr(text[start:end]) for start, end in refused)}"
    return ""


def _found(pack: LanguagePack, recognizer: Recognizer, kind: str, text: str) -> set[tuple[int, int]]:
    doc = _doc(pack, text)
    return {(span.start_char, span.end_char) for span in found_by(recognizer, doc, kind)}


def _doc(pack: LanguagePack, text: str) -> Doc:
    """Return a Doc of the language, or of xx if spaCy does not know its code (a hospital's pack)."""
    return _blank(tuple(folder.code for folder in pack.own)).make_doc(text)


@cache
def _blank(codes: tuple[str, ...]) -> Language:
    for code in codes:
        try:
            return fine_blank(code)
        except DeidError:
            continue
    return fine_blank("xx")


def _rule_problems(pack: LanguagePack) -> Iterator[Problem]:
    """Yield the faults in the examples of a pack's own rules, without those of the pack that it extends."""
    rules = rules_of(pack)
    own = str(pack.folders[0].path)
    for kind, recognizers in (("rule", rules.recognizers), ("guard", rules.guards)):
        for recognizer in recognizers:
            if recognizer.file.startswith(own):
                file = Path(recognizer.file)
                for text in example_problems(pack, recognizer, kind):
                    yield Problem(file, line_of(file, recognizer.id), f"{kind} {recognizer.id!r}: {text}")


def _surrogate_problems(pack: LanguagePack) -> Iterator[Problem]:
    """Yield the values of the rules' examples that have no surrogate."""
    file = pack.path("forms.toml")
    redact = DeidRedact("check", policy=read_policy("surrogate"), key=_KEY, scope="document", lang=pack.code)
    for recognizer in rules_of(pack).recognizers:
        for markup in recognizer.finds:
            text, spans = parse(markup)
            doc = _doc(pack, text)
            marked = (doc.char_span(span.start, span.end, span.label, alignment_mode="expand") for span in spans)
            doc.set_ents([span for span in marked if isinstance(span, Span)])
            try:
                redact(doc)
            except (DeidError, KeyError) as error:
                yield Problem(file, 0, f"no surrogate for {markup!r} of the rule {recognizer.id!r}: {error}")


def _word_problems(pack: LanguagePack) -> Iterator[Problem]:
    """Yield the fault that stops the lexicon's flags."""
    try:
        has_ordinary_form("Qwertyuiop", pack.code)
        is_eponym("Parkinson", pack.code)
        no_names(pack.code)
    except (DeidError, KeyError) as error:
        yield Problem(pack.path("morphemes.toml"), 0, f"{error}")


def _template_problems(pack: LanguagePack) -> Iterator[Problem]:
    """Yield a template or a written note that cannot be read or filled."""
    words, rng = words_of(pack.code), Random(0)  # noqa: S311
    try:
        hasty_writing_of(pack.code)
        carriers = parse_template(pack.path("carriers.txt"), slots_of(pack.code), words)
        for template in (*templates_of(pack.code), carriers):
            for parts in template.variants:
                fill(parts, Cast(pack.code, rng), words, rng, decimal_mark=pack.facts.decimal_mark)
    except (DeidError, KeyError) as error:
        yield Problem(pack.path("templates"), 0, f"{error}")
    try:
        for template in written_notes_of(pack.code):
            for parts in template.variants:
                with_other_values(parts, pack.code, rng)
    except (DeidError, KeyError) as error:
        yield Problem(pack.path(FOLDER), 0, f"{error}")


def _date_problems(pack: LanguagePack) -> Iterator[Problem]:
    """Yield the fault that stops the reading of dates."""
    try:
        if read_date("2024-03-05", pack.code, dt.date(2024, 3, 5)) is None:
            yield Problem(pack.path("dates.toml"), 0, "no form reads the date 2024-03-05")
    except (DeidError, KeyError) as error:
        yield Problem(pack.path("dates.toml"), 0, f"{error}")


def _tier(
    pack: LanguagePack, name: str, files: tuple[str, ...], check: Callable[[LanguagePack], Iterator[Problem]]
) -> Tier:
    lacking = tuple(file for file in files if not pack.has(file))
    is_own = any((pack.folders[0].path / file).exists() for file in files)
    unchecked = _what_is_not_installed() if name in _WITH_LIBRARIES and not lacking else ""
    if unchecked:
        return Tier(name, lacking, (), unchecked)
    try:
        problems = tuple(check(pack)) if is_own and not lacking else ()
    except DeidError as error:
        problems = (Problem(pack.folders[0].path, 0, str(error)),)
    return Tier(name, lacking, problems)


def _what_is_not_installed() -> str:
    """Return the message about a library of names and towns that is not installed, or ""."""
    try:
        check_installed()
    except DeidError as error:
        return str(error)
    return ""


def _of_surrogates(pack: LanguagePack) -> Iterator[Problem]:
    found = list(_date_problems(pack))
    yield from found or _surrogate_problems(pack)


_WITH_LIBRARIES = ("surrogates", "templates")  # tiers that draw names and towns
_TIERS: dict[str, tuple[tuple[str, ...], Callable[[LanguagePack], Iterator[Problem]]]] = {
    "rules": ((LANGUAGE, "rules"), _rule_problems),
    "surrogates": (("dates.toml", "forms.toml", "surrogates.toml", "lists/towns.txt"), _of_surrogates),
    "words": (("forms.toml", "words.toml", "morphemes.toml", "lists/terms.txt"), _word_problems),
    "templates": (
        ("slots.toml", "words.toml", "noise.toml", "carriers.txt", "templates"),
        _template_problems,
    ),
}
