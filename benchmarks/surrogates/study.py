"""Measures each surrogate policy: whether an attacker finds missed mentions, and whether people keep one name."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import filter_spans
from tqdm import tqdm

from benchmarks.surrogates.attacker import Attacker
from benchmarks.surrogates.figures import attack_figures
from benchmarks.surrogates.mentions import CATEGORIES, Mention
from spacy_deid.corpus.formats.docbin import read_docs
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.evaluate import predict
from spacy_deid.extensions import CharSpan, char_spans
from spacy_deid.files import sha256, write_json
from spacy_deid.labels import category_of
from spacy_deid.offsets import Replacement
from spacy_deid.pipelines import load_pipeline
from spacy_deid.redact.component import DeidRedact
from spacy_deid.redact.modes.surrogate import POLICIES, SurrogatePolicy
from spacy_deid.redact.policy import Policy, read_policy
from spacy_deid.stats import Share, intervals
from spacy_deid.surrogates.coreference import people_of

LET_PASS = 0.1  # share of the mentions that are not redacted in the attacker's own notes and in the test notes
FOLDS = 5
FEWEST_NOTES = 10
_ONE_NAME = {"one_name": Share(("kept",), ("kept", "changed"))}
_DIGITS = 3


@dataclass(slots=True)
class _Redacted:
    """The mentions of notes redacted under one policy, by note, and how many people kept one name there."""

    notes: list[list[Mention]] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)


def evaluate_surrogates(
    model: str, gold: Path, output: Path, *, draws: int = 10, seed: int = 0, quiet: bool = False
) -> dict[str, Any]:
    """Attack the surrogates of ``gold``'s notes under each policy; write and return figures, which hold no text.

    Args:
        model: Directory or package of a pipeline.
        gold: .spacy file of annotated notes, at least 10.
        output: JSON file to write.
        draws: Number of keys with which every note is redacted, at least 1.
        seed: Seed of the keys and of the bootstrap.
        quiet: Show no progress bars.

    Returns:
        For each policy, the figures of `attack_figures` for each category and in total, where the originals are the
        mentions that the model missed (``missed``) or a random tenth of all gold mentions (``let_pass``); and
        ``one_name``, the share of people with two or more mentions who are one person in the redacted note too.

    Raises:
        DeidError: The model cannot be loaded, or there are too few notes or draws.
    """
    if draws < 1:
        raise DeidError(f"draws = {draws} is not a number of keys. Remedy: use 1 or more.")
    nlp = load_pipeline(model)
    docs = list(read_docs(gold, nlp.vocab))
    if len(docs) < FEWEST_NOTES:
        raise DeidError(f"{gold} has {len(docs)} notes. Remedy: give at least {FEWEST_NOTES}.")
    golds = [char_spans(doc) for doc in docs]
    found, _ = predict(nlp, [doc.text for doc in docs], quiet)
    bench = _Bench(nlp, [doc.text for doc in docs], golds, draws, seed)
    result = {
        "model": model,
        "version": nlp.meta["version"],
        "gold": {"file": gold.name, "sha256": sha256(gold), "notes": len(docs)},
        "draws": draws,
        "seed": seed,
        "policies": {policy: bench.figures(policy, found) for policy in tqdm(POLICIES, desc="policies", disable=quiet)},
    }
    write_json(output, result)
    return result


class _Bench:
    def __init__(self, nlp: Language, texts: list[str], golds: list[list[CharSpan]], draws: int, seed: int) -> None:
        self._nlp = nlp
        self._lang = str(nlp.lang)
        self._texts = texts
        self._golds = golds
        self._draws = draws
        self._seed = seed

    def figures(self, policy: SurrogatePolicy, found: list[list[CharSpan]]) -> dict[str, Any]:
        """Return the figures of one policy."""
        let_pass, missed = _Redacted(), _Redacted()
        for draw in range(self._draws):
            key = hashlib.sha256(f"{self._seed} {draw}".encode()).digest()
            redactor = DeidRedact("attacked", policy=_policy(policy), key=key, scope="document", lang=self._lang)
            rng = Random(key)  # noqa: S311  reproducible, and no secret
            some = [[span for span in spans if rng.random() >= LET_PASS] for spans in self._golds]
            self._redact(redactor, some, let_pass)
            self._redact(redactor, found, missed)
        return {
            "missed": self._attacked(let_pass, missed),
            "let_pass": self._attacked(let_pass, let_pass),
            **self._one_name(missed),
        }

    def _redact(self, redactor: DeidRedact, found: list[list[CharSpan]], into: _Redacted) -> None:
        for number, (text, gold, spans) in enumerate(zip(self._texts, self._golds, found, strict=True)):
            doc = _with_entities(self._nlp.make_doc(text), spans)
            redactor(doc)
            into.notes.append(_mentions(doc, gold, number))
            kept, changed = _people_with_one_name(doc, self._lang)
            into.kept.append(kept)
            into.changed.append(changed)

    def _attacked(self, known: _Redacted, attacked: _Redacted) -> dict[str, Any]:
        """Attack each fifth of the notes by an attacker who was trained on the others."""
        mentions: list[Mention] = []
        scores: list[float] = []
        for fold in range(FOLDS):
            attacker = Attacker([each for each in known.notes if each and each[0].note % FOLDS != fold], self._lang)
            for each in attacked.notes:
                if each and each[0].note % FOLDS == fold:
                    mentions += each
                    scores += attacker.scores(each)
        figures = {"ALL": self._figures_of(mentions, scores)}
        for category in CATEGORIES:
            ours = [index for index, mention in enumerate(mentions) if mention.category == category]
            figures[category] = self._figures_of([mentions[index] for index in ours], [scores[index] for index in ours])
        return figures

    def _figures_of(self, mentions: Sequence[Mention], scores: Sequence[float]) -> dict[str, Any]:
        notes = [mention.note for mention in mentions]
        return attack_figures(notes, [mention.is_original for mention in mentions], scores, self._seed)

    def _one_name(self, redacted: _Redacted) -> dict[str, Any]:
        per_note: dict[str, list[int]] = defaultdict(lambda: [0] * len(self._texts))
        for index, (kept, changed) in enumerate(zip(redacted.kept, redacted.changed, strict=True)):
            per_note["kept"][index % len(self._texts)] += kept
            per_note["changed"][index % len(self._texts)] += changed
        if not per_note:
            return {}
        share = intervals(per_note, _ONE_NAME, self._seed)["one_name"]
        return {"one_name": {"people": sum(map(sum, per_note.values())), **share.rounded(_DIGITS)}}


def _policy(surrogates: SurrogatePolicy) -> Policy:
    policy = read_policy("surrogate")
    settings = {**policy.settings, "surrogate": {"policy": surrogates}}
    return Policy(policy.name, policy.modes, policy.default, settings)


def _with_entities(doc: Doc, spans: Sequence[CharSpan]) -> Doc:
    on_tokens = (doc.char_span(*span, alignment_mode="expand") for span in spans)
    doc.ents = filter_spans(span for span in on_tokens if span is not None)
    return doc


def _mentions(doc: Doc, gold: Sequence[CharSpan], note: int) -> list[Mention]:
    """Return the mentions in the order of the text: surrogates, and gold mentions that were not replaced."""
    replacements = [Replacement(*each) for each in doc._.deid_replacements]
    seen: list[tuple[int, Mention]] = []
    for each in replacements:
        category = category_of(each.label)
        if category in CATEGORIES and not each.text.startswith("["):  # a mask is not a surrogate
            seen.append((each.start, Mention(note, category, each.text, is_original=False)))
    for start, end, label in gold:
        is_whole = not any(each.start < end and start < each.end for each in replacements)
        if is_whole and category_of(label) in CATEGORIES:
            seen.append((start, Mention(note, category_of(label), doc.text[start:end], is_original=True)))
    return [mention for _, mention in sorted(seen, key=lambda each: each[0])]


def _people_with_one_name(doc: Doc, lang: str) -> tuple[int, int]:
    """Return the numbers of people with several replaced names who are, and are not, one person in the redaction."""
    replacements = [Replacement(*each) for each in doc._.deid_replacements]
    names = [each for each in replacements if category_of(each.label) == "NAME" and not each.text.startswith("[")]
    before = people_of([doc.text[each.start : each.end] for each in names], lang)
    after = people_of([each.text for each in names], lang)
    surrogates: dict[int, list[int]] = defaultdict(list)
    for person, surrogate in zip(before, after, strict=True):
        surrogates[id(person)].append(id(surrogate))
    often = [len(set(each)) == 1 for each in surrogates.values() if len(each) > 1]
    return sum(often), len(often) - sum(often)
