"""The component ``deid_rules``: identifiers found by their form, and by what the caller's record knows."""

from collections.abc import Callable, Iterable

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc, Span

from spacy_deid.annotate.known import KNOWN, find_known
from spacy_deid.annotate.policy import CERTAIN
from spacy_deid.annotate.ranges import Cover, Range, TokenRanges
from spacy_deid.extensions import sourced_span
from spacy_deid.lang.recognizer import Match, Recognizer, RuleSet, load_rules

RULES = "deid_rules"
GUARDS = "deid_guards"

Found = tuple[Match, str]  # a match and its source


@Language.factory(
    "deid_rules",
    assigns=["doc.spans", "span._.deid_source", "span._.deid_score"],
    default_config={"lang": None, "span_key": RULES},
)
def make_rules(nlp: Language, name: str, lang: str | None, span_key: str) -> "DeidRules":
    """Make the component; ``lang`` is the folder of rules, that of the pipeline's language where it is None."""
    return DeidRules(name, lang or str(nlp.lang), span_key)


class DeidRules(Pipe):
    """Runs a language's rules over the untouched text.

    ``doc.spans[span_key]`` receives what the rules found, with the source "rule:<id>" and the rule's score, and the
    variants of ``doc._.deid_known`` (see `spacy_deid.annotate.known`), with the source "known". These spans may
    overlap. They are widened to whole tokens.

    ``doc.spans["deid_guards"]`` receives what the guards found, narrowed to whole tokens: "NRS 7/10" is no date. A
    match within a guard is dropped, unless its score is 1.0.

    lang: a folder of spacy_deid/lang with rules, else DeidError. span_key: a name for the group of spans.
    """

    def __init__(self, name: str, lang: str, span_key: str) -> None:
        self.name = name
        self.lang = lang
        self.span_key = span_key
        self.rules: RuleSet = load_rules(lang)

    def __call__(self, doc: Doc) -> Doc:
        """Find the spans of one Doc; raises DeidError where ``doc._.deid_known`` is malformed."""
        tokens = TokenRanges(doc)
        guards = _matches(tokens.text, self.rules.guards, "guard")
        guarded = Cover((match.start, match.end) for match, _ in guards)
        found = _matches(tokens.text, self.rules.recognizers, "rule")
        found += [(match, KNOWN) for match in find_known(tokens.text, doc._.deid_known or [], self.lang)]
        kept = [
            (match, source)
            for match, source in found
            if match.score == CERTAIN or not guarded.holds(match.start, match.end)
        ]
        doc.spans[GUARDS] = _spans(doc, guards, tokens.contracted)
        doc.spans[self.span_key] = _spans(doc, kept, tokens.expanded)
        return doc


def _matches(text: str, recognizers: Iterable[Recognizer], kind: str) -> list[Found]:
    return [(match, f"{kind}:{match.rule}") for recognizer in recognizers for match in recognizer.find(text)]


def _spans(doc: Doc, found: Iterable[Found], on_tokens: Callable[[int, int], Range | None]) -> list[Span]:
    placed = [(match, source, on_tokens(match.start, match.end)) for match, source in found]
    return [sourced_span(doc, *tokens, match.label, source, match.score) for match, source, tokens in placed if tokens]
