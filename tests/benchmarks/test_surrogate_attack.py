"""The attack on surrogates recognises originals if there are cues, and guesses if there are none."""

from random import Random

import pytest
import srsly
from typer.testing import CliRunner

from benchmarks.surrogates.__main__ import app
from benchmarks.surrogates.attacker import Attacker
from benchmarks.surrogates.figures import attack_figures
from benchmarks.surrogates.mentions import Mention, cues
from benchmarks.surrogates.study import evaluate_surrogates
from benchmarks.surrogates.table import surrogates_table
from spacy_deid.corpus.formats import docbin
from spacy_deid.errors import DeidError
from spacy_deid.labels import known_labels
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse
from spacy_deid.redact.modes.surrogate import POLICIES
from spacy_deid.surrogates.source import all_names

FIRST = sorted(all_names("sv")["first"])


def note(number: int, originals: list[str], surrogates: list[str], category: str = "NAME") -> list[Mention]:
    return [Mention(number, category, text, is_original=text in originals) for text in [*surrogates, *originals]]


# --- cues


def test_cues_count_how_often_a_name_and_its_person_are_named() -> None:
    mentions = note(0, [], ["Anna Ek", "Anna", "Anna", "Xyzzy Qwert"])
    full, first, again, other = cues(mentions, "sv")
    assert first == again
    assert len({tuple(full), tuple(first), tuple(other)}) == 3


@pytest.mark.parametrize(
    ("category", "one", "other"),
    [
        ("NAME", "Anna", "Xyzzy"),
        ("NAME", "Anna", "ANNA"),
        ("DATE", "2023-04-12", "strax före jul"),
        ("LOCATION", "Umeå", "Långtbortistan"),
        ("LOCATION", "Umeå", "Storgatan 3"),
    ],
)
def test_cues_see_plausibility_and_form(category: str, one: str, other: str) -> None:
    first, second = (cues(note(0, [], [text], category), "sv")[0] for text in (one, other))
    assert first != second
    assert len(first) == len(second)


def test_cues_see_a_date_far_from_the_others() -> None:
    days = ["2023-04-12", "2023-04-14", "2023-04-15", "2022-07-01"]
    *near, far = (cue[-1] for cue in cues(note(0, [], days, "DATE"), "sv"))
    assert far > max(near)


# --- the attacker


def test_an_attacker_tells_names_that_no_list_holds() -> None:
    rng = Random(0)
    notes = [note(number, [f"Xq{number}zz"], rng.sample(FIRST, 5)) for number in range(40)]
    attacker = Attacker(notes[:20], "sv")
    for mentions in notes[20:]:
        scores = attacker.scores(mentions)
        assert scores[-1] == max(scores) > 0.5


def test_an_attacker_tells_nothing_where_nothing_differs() -> None:
    rng = Random(0)
    notes = [[Mention(n, "NAME", name, rng.random() < 0.3) for name in rng.sample(FIRST, 6)] for n in range(300)]
    attacker = Attacker(notes[:150], "sv")
    tested = [mention for each in notes[150:] for mention in each]
    scores = [score for each in notes[150:] for score in attacker.scores(each)]
    figures = attack_figures([m.note for m in tested], [m.is_original for m in tested], scores, seed=0)
    assert figures["auc"]["value"] == pytest.approx(0.5, abs=0.06)


def test_an_attacker_who_saw_no_original_of_a_category_knows_nothing_of_it() -> None:
    attacker = Attacker([note(0, ["Xyz"], ["Anna"])], "sv")
    assert attacker.scores(note(1, [], ["Umeå"], "LOCATION")) == [0.0]
    assert attacker.scores([]) == []


# --- figures


@pytest.mark.parametrize(
    ("originals", "scores", "auc", "precision", "recall"),
    [
        ([1] + [0] * 9, [0.9] + [0.1] * 9, 1.0, 1.0, 1.0),
        ([1] + [0] * 9, [0.1] + [0.9] * 9, 0.0, 0.0, 0.0),
        ([1] + [0] * 9, [0.5] * 10, 0.5, 0.1, 0.1),
        ([1, 1] + [0] * 8, [0.9, 0.1] + [0.5] * 8, 0.5, 1.0, 0.5),
    ],
)
def test_figures_by_hand(originals, scores, auc, precision, recall) -> None:
    figures = attack_figures(range(10), [bool(each) for each in originals], scores, seed=0)
    found = [figures[name]["value"] for name in ("auc", "precision", "recall", "chance")]
    assert found == pytest.approx([auc, precision, recall, sum(originals) / 10])
    assert (figures["mentions"], figures["originals"]) == (10, sum(originals))


def test_figures_have_intervals_over_notes() -> None:
    rng = Random(0)
    originals = [rng.random() < 0.5 for _ in range(200)]
    scores = [rng.random() + 0.5 * original for original in originals]
    alone = attack_figures(range(200), originals, scores, seed=0)["auc"]
    in_notes = attack_figures([number // 20 for number in range(200)], originals, scores, seed=0)["auc"]
    assert alone["low"] < alone["value"] < alone["high"]
    assert in_notes["value"] == alone["value"]
    assert in_notes != alone


@pytest.mark.parametrize("originals", [[], [True, True], [False]])
def test_without_both_kinds_there_are_counts_alone(originals: list[bool]) -> None:
    figures = attack_figures(range(len(originals)), originals, [0.5] * len(originals), seed=0)
    assert figures == {"mentions": len(originals), "originals": sum(originals)}


# --- the bench and its command

NOTES = [
    f"<NAME>{first} {last}</NAME> från <LOCATION>{town}</LOCATION> kom <DATE>2023-0{month}-1{day}</DATE>. "
    f"<NAME>{first}</NAME> ringde <NAME>{missed}</NAME>, som svarade <DATE>1{day}/{month}</DATE>."
    for number, (first, last, missed, town, month, day) in enumerate(
        zip(
            ["Anna", "Karl", "Eva", "Nils", "Maja", "Olof"] * 2,
            ["Ek", "Berg", "Lindqvist", "Holm", "Nyström", "Sten"] * 2,
            [f"Xq{number}zzan" for number in range(12)],
            ["Umeå", "Lund", "Boden"] * 4,
            [1, 2, 3, 4] * 3,
            range(1, 13),
            strict=True,
        )
    )
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with notes.spacy and a model that misses only names that are in no list."""
    path = tmp_path_factory.mktemp("surrogates")
    nlp = fine_blank("sv")
    docs, patterns = [], []
    for number, markup in enumerate(NOTES):
        text, spans = parse(markup, known_labels())
        doc = nlp.make_doc(text)
        doc._.deid_id, doc._.deid_gold = str(number), [list(span) for span in spans]
        docs.append(doc)
        found = [span for span in spans if "zzan" not in text[span.start : span.end]]
        patterns += [{"label": span.label, "pattern": text[span.start : span.end]} for span in found]
    docbin.write(docs, path / "notes.spacy")
    docbin.write(docs[:3], path / "few.spacy")
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    nlp.to_disk(path / "model")
    return path


@pytest.fixture(scope="module")
def result(folder):
    return evaluate_surrogates(str(folder / "model"), folder / "notes.spacy", folder / "out.json", draws=1, quiet=True)


def test_each_policy_has_its_figures(result, folder) -> None:
    assert set(result["policies"]) == set(POLICIES)
    for figures in result["policies"].values():
        missed = figures["missed"]
        assert missed["NAME"]["originals"] == len(NOTES)
        assert missed["DATE"]["originals"] == missed["LOCATION"]["originals"] == 0
        assert 0 <= missed["NAME"]["auc"]["low"] <= missed["NAME"]["auc"]["value"] <= missed["NAME"]["auc"]["high"] <= 1
        assert 0 < figures["let_pass"]["ALL"]["originals"] < figures["let_pass"]["ALL"]["mentions"] / 2
    assert srsly.read_json(folder / "out.json")["gold"] == result["gold"]


def test_consistent_surrogates_keep_everybody_one_person_and_random_ones_nobody(result) -> None:
    kept = {policy: figures["one_name"]["value"] for policy, figures in result["policies"].items()}
    assert kept["consistent"] == 1
    assert kept["random"] < 1


def test_the_result_holds_no_text(folder, result) -> None:
    written = (folder / "out.json").read_text("utf8")
    for name in ("Anna", "zzan", "Ume", "Lindqvist"):
        assert name not in written


def test_the_same_seed_gives_the_same_result(folder, result) -> None:
    again = evaluate_surrogates(str(folder / "model"), folder / "notes.spacy", folder / "b.json", draws=1, quiet=True)
    assert again == result


def test_bad_input_is_refused(folder) -> None:
    with pytest.raises(DeidError, match="3 notes"):
        evaluate_surrogates(str(folder / "model"), folder / "few.spacy", folder / "no.json", quiet=True)
    with pytest.raises(DeidError, match="draws"):
        evaluate_surrogates(str(folder / "model"), folder / "notes.spacy", folder / "no.json", draws=0, quiet=True)


def test_the_command_and_its_table(folder, result) -> None:
    assert CliRunner().invoke(app, ["absent", "x.spacy", "out.json"]).exit_code == 1
    shown = surrogates_table(result)
    for word in (*POLICIES, "missed", "let_pass", "keep one name"):
        assert word in shown
