"""The component ``deid_rules``: identifiers found by their form, and values of the caller's record."""

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import srsly
from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from spacy_deid.annotate.known import KNOWN, find_known
from spacy_deid.annotate.placeholders import find_placeholders
from spacy_deid.annotate.policy import CERTAIN
from spacy_deid.annotate.ranges import Cover, Range, TokenRanges
from spacy_deid.errors import DeidError
from spacy_deid.extensions import sourced_span
from spacy_deid.files import write_json
from spacy_deid.lang.pack import LANGUAGE, LanguagePack, pack_at
from spacy_deid.lang.recognizer import Match, Recognizer, RuleSet, load_rules, rules_of
from spacy_deid.lang.rereading import Passage, find_all, passages
from spacy_deid.text import View, as_seen

RULES = "deid_rules"
GUARDS = "deid_guards"
_PACK = "pack.json"
# of a pack that is saved; code is not saved, so that loading a pipeline never runs code of a pack
_FOLDERS = {"rules": "*.toml", "lists": "*.txt"}

# seen as a hyphen only there: a soft hyphen at the end of a line, a dash within a number
_AS_HYPHEN = re.compile("\u00ad(?=[ ]?\r?\n)|(?<=\\d)[\u2013\u2014](?=\\w)|(?<=\\b[A-Z])[\u2013\u2014](?=\\d)")

Found = tuple[Match, str]  # a match and its source
# spaCy makes a token of it, next to which a model sees no word
_OTHER_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


@Language.factory(
    "deid_rules",
    assigns=["doc.spans", "span._.deid_source", "span._.deid_score"],
    default_config={"lang": None, "pack": None, "span_key": RULES},
)
def make_rules(nlp: Language, name: str, lang: str | None, pack: str | None, span_key: str) -> "DeidRules":
    """Make the component.

    Args:
        nlp: The pipeline.
        name: The component's name.
        lang: The code of a language pack. None for the pipeline's language.
        pack: The folder of a language pack, see `DeidRules`. None for the installed pack.
        span_key: The name of the group of spans.
    """
    return DeidRules(nlp, name, lang or str(nlp.lang), span_key, Path(pack) if pack else None)


class DeidRules(Pipe):
    """Runs a language's rules over the untouched text.

    ``doc.spans[span_key]`` receives the matches of the rules, with the source "rule:<id>" and the rule's score, and the
    variants of ``doc._.deid_known`` (see `spacy_deid.annotate.known`), with the source "known". These spans may overlap
    and are widened to whole tokens. Rules read the text `as_seen`: composed, with one kind of space and of hyphen.
    Passages that look broken over lines, spaced out or misread are read once more, see `spacy_deid.lang.rereading`.

    ``doc.spans["deid_guards"]`` receives the matches of the guards, narrowed to whole tokens: "NRS 7/10" is not a date.
    A rule's match within a guard is dropped, unless its score is 1.0.

    If the text has other spaces than the ordinary one (such as U+00A0), a model before this component reads it a second
    time, as it is seen. Placeholders of redacted text are found in any language, see `find_placeholders`.
    """

    def __init__(self, nlp: Language, name: str, lang: str, span_key: str, pack: Path | None = None) -> None:
        """Make the component.

        Args:
            nlp: The pipeline.
            name: The component's name.
            lang: The code of an installed language pack with rules.
            span_key: The name of the group of spans.
            pack: The folder of a language pack whose rules replace those of ``lang``, such as a hospital's that extends
                them by its wards and case numbers. Its facts, rules and lists are saved with the pipeline, which then
                no longer needs the folder; a reader of the pipeline can read them.

        Raises:
            DeidError: If there are no rules, or wrong ones.
        """
        self.nlp = nlp
        self.name = name
        self.lang = lang
        self.span_key = span_key
        self._pack = pack
        self._files: dict[str, str] = {}  # of the pack
        self._rules: RuleSet | None = None
        if pack is None:
            self._rules = load_rules(lang)
        elif pack.is_dir():  # otherwise the saved pipeline has them
            self._rules = rules_of(pack_at(pack))

    @property
    def rules(self) -> RuleSet:
        """The rules; DeidError if their pack is neither in its folder nor saved with the pipeline."""
        if self._rules is None:
            raise DeidError(f"deid_rules: there is no language pack {self._pack}. Remedy: name its folder as `pack`.")
        return self._rules

    def __call__(self, doc: Doc) -> Doc:
        """Find the spans of one Doc; raises DeidError if ``doc._.deid_known`` is malformed."""
        tokens = TokenRanges(doc)
        view = as_seen(_AS_HYPHEN.sub("-", tokens.text))
        read_as_seen(doc, view, nlp=self.nlp, before=self)
        mended = passages(view.text)
        guards = _matches(view, mended, self.rules.guards, "guard")
        guarded = Cover((match.start, match.end) for match, _ in guards)
        found = _matches(view, mended, self.rules.recognizers, "rule")
        found += [(match, f"rule:{match.rule}") for match in find_placeholders(tokens.text)]
        found += [(match, KNOWN) for match in find_known(tokens.text, doc._.deid_known or [], self.lang)]
        kept = [
            (match, source)
            for match, source in found
            if match.score == CERTAIN or not guarded.holds(match.start, match.end)
        ]
        doc.spans[GUARDS] = _spans(doc, guards, tokens.contracted)
        doc.spans[self.span_key] = _spans(doc, kept, tokens.expanded)
        return doc

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the language pack if a folder was named; DeidError for a pack with code."""
        path.mkdir(parents=True, exist_ok=True)
        write_json(path / _PACK, self._files_of_pack())

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> "DeidRules":
        """Load what `to_disk` saved; earlier versions saved no pack."""
        return self._with(srsly.read_json(path / _PACK) if (path / _PACK).is_file() else {})

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Return what `to_disk` saves."""
        return srsly.json_dumps({_PACK: self._files_of_pack()}, sort_keys=True).encode("utf8")

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "DeidRules":
        """Load what `to_bytes` returned."""
        return self._with(srsly.json_loads(data).get(_PACK, {}))

    def _with(self, files: dict[str, str]) -> "DeidRules":
        """Use the rules of the pack that was saved, if one was."""
        if files:
            self._files, self._rules = files, _rules_from(files)
        return self

    def _files_of_pack(self) -> dict[str, str]:
        if self._pack is not None and not self._files and self._rules is not None:
            self._files = _files_of(pack_at(self._pack))
        return self._files


def found_by(recognizer: Recognizer, doc: Doc, kind: str) -> list[Span]:
    """Return the spans that one rule finds in a Doc, placed as by the component.

    Args:
        recognizer: The rule or guard.
        doc: The document.
        kind: "rule" or "guard".
    """
    tokens = TokenRanges(doc)
    view = as_seen(_AS_HYPHEN.sub("-", tokens.text))
    found = _matches(view, passages(view.text), [recognizer], kind)
    return _spans(doc, found, tokens.expanded if kind == "rule" else tokens.contracted)


def _matches(view: View, mended: Sequence[Passage], recognizers: Sequence[Recognizer], kind: str) -> list[Found]:
    found = find_all(view.text, mended, recognizers)
    return [(_on_original(view, match), f"{kind}:{match.rule}") for match in found]


def _on_original(view: View, match: Match) -> Match:
    start, end = view.original(match.start, match.end)
    return replace(match, start=start, end=end)


def _spans(doc: Doc, found: Iterable[Found], on_tokens: Callable[[int, int], Range | None]) -> list[Span]:
    placed = [(match, source, on_tokens(match.start, match.end)) for match, source in found]
    return [sourced_span(doc, *tokens, match.label, source, match.score) for match, source, tokens in placed if tokens]


def read_as_seen(doc: Doc, view: View, *, nlp: Language, before: Pipe) -> None:
    """Set ``doc.ents`` to the entities that the preceding components find in the view of the text.

    An entity of the Doc that touches none of these stays. Nothing changes if all spaces are ordinary.

    Args:
        doc: The document, with its own entities.
        view: Its text as it is seen.
        nlp: The pipeline.
        before: The component before which the others stand.
    """
    if _OTHER_SPACE.search(doc.text) is None:
        return
    seen = nlp.tokenizer(view.text)
    for _, component in takewhile(lambda named: named[1] is not before, nlp.pipeline):
        seen = component(seen)
    tokens = TokenRanges(doc)
    places = [(ent, tokens.expanded(*view.original(ent.start_char, ent.end_char))) for ent in seen.ents]
    found = [sourced_span(doc, *place, ent.label_, ent.id_, ent._.deid_score) for ent, place in places if place]
    taken = {token for span in found for token in range(span.start, span.end)}
    doc.set_ents([*filter_spans(found), *(ent for ent in doc.ents if taken.isdisjoint(range(ent.start, ent.end)))])


def _files_of(pack: LanguagePack) -> dict[str, str]:
    """Return the texts of a pack's own files by their paths below its folder.

    Raises DeidError for a pack with Python modules.
    """
    folder = pack.folders[0].path
    if modules := sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py"):
        raise DeidError(
            f"{folder} contains code, {modules[0]}, which is not saved with a pipeline. Remedy: install the pack as a "
            "package with an entry point and name its language code as `lang`, or leave the Python code out."
        )
    paths = [folder / LANGUAGE, *(path for name, kind in _FOLDERS.items() for path in (folder / name).glob(kind))]
    return {path.relative_to(folder).as_posix(): path.read_text("utf8") for path in sorted(paths)}


def _rules_from(files: Mapping[str, str]) -> RuleSet:
    """Return the rules of a pack with the files that `_files_of` returned.

    Raises DeidError for a file outside the folders of rules and lists, and for wrong rules.
    """
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "pack")
        for name, text in files.items():
            _check_place(name)
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf8")
        return rules_of(pack_at(folder))


def _check_place(name: str) -> None:
    parent, kind = Path(name).parent.as_posix(), Path(name).suffix
    if name != LANGUAGE and _FOLDERS.get(parent) != f"*{kind}":
        raise DeidError(f"{name!r} is not a file of a language pack's rules or lists. Remedy: save the pipeline again.")
