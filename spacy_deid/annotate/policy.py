"""The label of a passage that several sources claim."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Span

from spacy_deid.annotate.ranges import Cover, has_text
from spacy_deid.labels import category_of

CERTAIN = 1.0  # the score of check digits and of the caller's record
MODEL = "model"  # the source of a trained pipe's claims
MODELS = (MODEL, "llm")  # sources that may include a word too many, a title or a drug
# in comparisons with rules: a model's own is a probability of being in an identifier, and says nothing about the label.
# A model is right more often than a rule of medium score
_SCORE_OF_A_MODEL = 0.8
_ADDRESSES = ("EMAIL", "URL")
_DASHES = frozenset("-‐‑–—")


@dataclass(frozen=True, slots=True)
class Claim:
    """Tokens ``start`` to ``end`` (exclusive) that a source ("model", "known", "rule:<id>") labels ``label``."""

    start: int
    end: int
    label: str
    source: str
    score: float | None


def claim_of(span: Span) -> Claim | None:
    """Return the claim of a span without white space at its ends; None if it has no letter or digit.

    A dash after a date, which separates it from the next, is left out too: "12/4-" of "12/4-15/4".
    """
    words = [token.i for token in span if not token.is_space]
    while len(words) > 1 and category_of(span.label_) == "DATE" and span.doc[words[-1]].text in _DASHES:
        words.pop()
    if not any(has_text(span.doc[token].text) for token in words):
        return None
    return Claim(words[0], words[-1] + 1, span.label_, span._.deid_source, span._.deid_score)


def resolve(claims: Iterable[Claim], guards: Cover, has_text: Callable[[int], bool]) -> list[Claim]:
    """Return claims without overlaps, in order, that cover every token with text that the given ones covered.

    Overlapping claims of the same label become one, under the stronger's source, except certain numbers: two
    personnummer stay two. Then the strongest claim takes its tokens first. The rest of another claim remains a claim if
    it has text, without the punctuation at its ends. The strongest claim is

    1. a rule's e-mail address or URL: a known name in it is a part of it;
    2. a value of the caller's record;
    3. a match of a rule with a check digit;
    4. the longest, then the one with the highest score (a model's counts as .8), then a model's surest, then the first.

    Args:
        claims: The claims, with overlaps.
        guards: Ranges of tokens; a claim wholly within one is dropped unless its score is 1.0.
        has_text: Whether a token contains a letter or digit.

    Returns:
        The remaining claims.
    """
    kept = [claim for claim in claims if claim.score == CERTAIN or not guards.holds(claim.start, claim.end)]
    taken: set[int] = set()
    resolved: list[Claim] = []
    for claim in sorted(_joined(kept), key=_strength, reverse=True):
        resolved += _free_parts(claim, taken, has_text)
        taken.update(range(claim.start, claim.end))
    return sorted(resolved, key=lambda claim: claim.start)


def join_names(claims: Iterable[Claim], goes_on: Callable[[int], bool]) -> list[Claim]:
    """Return claims in order, with adjacent names of the same label joined: "Anna", "Ek" as "Anna Ek".

    claims: without overlaps. goes_on: whether a name may continue at a token. The stronger's source is kept.
    """
    joined: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: claim.start):
        last = joined[-1] if joined else None
        follows = last and (last.end, last.label) == (claim.start, claim.label)
        if last and follows and category_of(claim.label) == "NAME" and goes_on(claim.start):
            claim = replace(strongest(last, claim), start=last.start, end=claim.end)
            joined.pop()
        joined.append(claim)
    return joined


def with_all_of(
    claims: Iterable[Claim],
    others: Iterable[Claim],
    *,
    is_space: Callable[[int], bool],
    has_text: Callable[[int], bool],
) -> list[Claim]:
    """Return ``claims`` in order, with everything else that ``others`` cover.

    The rest of another claim is a claim of its own. A rest without text, such as a full stop, widens the claim that
    took the other tokens.

    Args:
        claims: Claims without overlaps.
        others: Claims without overlaps.
        is_space: Whether a token is white space, which no claim begins or ends with.
        has_text: Whether a token contains a letter or digit.
    """
    result = list(claims)
    owner = {token: place for place, claim in enumerate(result) for token in range(claim.start, claim.end)}
    for other in others:
        for run in _runs(token for token in range(other.start, other.end) if token not in owner):
            start, end = _without_space(run, is_space)
            if start == end:
                continue
            beside = owner.get(run[0] - 1, owner.get(run[-1] + 1))
            if beside is None or any(map(has_text, range(start, end))):
                beside = len(result)
                result.append(replace(other, start=start, end=end))
            widened = result[beside]
            result[beside] = replace(widened, start=min(widened.start, start), end=max(widened.end, end))
            owner |= dict.fromkeys(range(start, end), beside)
    return sorted(result, key=lambda claim: claim.start)


def _runs(tokens: Iterable[int]) -> Iterator[list[int]]:
    """Yield the runs of adjacent tokens."""
    count = itertools.count()
    for _, run in itertools.groupby(tokens, key=lambda token: token - next(count)):
        yield list(run)


def _without_space(run: list[int], is_space: Callable[[int], bool]) -> tuple[int, int]:
    seen = [token for token in run if not is_space(token)]
    return (seen[0], seen[-1] + 1) if seen else (run[0], run[0])


def strongest(*claims: Claim) -> Claim:
    """Return the claim that `resolve` would give its tokens first."""
    return max(claims, key=_strength)


def _strength(claim: Claim) -> tuple[bool, bool, bool, int, float, float, int]:
    own = _SCORE_OF_A_MODEL if claim.score is None else claim.score
    certain = claim.score == CERTAIN
    return (
        category_of(claim.label) in _ADDRESSES and claim.source.startswith("rule:"),
        certain and claim.source == "known",
        certain,
        claim.end - claim.start,
        _SCORE_OF_A_MODEL if claim.source in MODELS else own,
        own,
        -claim.start,
    )


def _joined(claims: list[Claim]) -> Iterator[Claim]:
    by_label: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.score == CERTAIN and category_of(claim.label) != "NAME":
            yield claim
        else:
            by_label[claim.label].append(claim)
    for same in by_label.values():
        same.sort(key=lambda claim: claim.start)
        current = same[0]
        for claim in same[1:]:
            if claim.start < current.end:
                current = replace(strongest(current, claim), start=current.start, end=max(current.end, claim.end))
            else:
                yield current
                current = claim
        yield current


def _free_parts(claim: Claim, taken: set[int], has_text: Callable[[int], bool]) -> Iterator[Claim]:
    """Yield the claim if its tokens are free, else its free parts."""
    free = [token for token in range(claim.start, claim.end) if token not in taken]
    if len(free) == claim.end - claim.start:
        yield claim
        return
    for run in _runs(free):
        with_text = [token for token in run if has_text(token)]
        if with_text:
            yield replace(claim, start=with_text[0], end=with_text[-1] + 1)
