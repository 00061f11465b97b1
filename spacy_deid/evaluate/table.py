"""Scores as text for the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from wasabi.tables import table

from spacy_deid.evaluate.measures import MEASURES
from spacy_deid.evaluate.metrics import CURVE, Contender, Metrics, side_by_side
from spacy_deid.pages import interval, score, signed, signed_interval

WIDEST = 40  # characters of a column; a label that labels.toml lacks may be long
_ROUND_TRIP = {"found_again": "Found again", "overlapped": "Overlapped", "new": "New"}
_CHALLENGE = {
    "character_recall": "Characters found",
    "over_redaction": "Over-redaction",
    "wholly_right": "Wholly right",
}
_CONSISTENCY = {"inside": "Inside identifiers", "outside": "Outside", "whole_cases": "Whole cases"}


def metrics_table(metrics: Metrics) -> str:
    """Return what was scored, each measure with its interval, each category and the speed, as lines of text."""
    points = metrics.get("operating_points")
    curve = curve_table(points["curve"], points["thresholds"]) if points else ""
    blocks = [_headline(metrics), _measures(metrics), _categories(metrics), curve, _speed(metrics)]
    return "\n".join(block for block in blocks if block)


def _headline(metrics: Metrics) -> str:
    gold, characters = metrics["gold"], metrics["characters"]
    read = f"\n{characters['read']} of {characters['given']} characters read"
    made = f"\nThese are not real notes: {gold['made']}" if gold["made"] else ""
    point = f" ({metrics['operating_point']})" if metrics.get("operating_point") else ""
    left = f"\nLeft in the text by the pipeline's settings: {', '.join(metrics['left'])}" if metrics.get("left") else ""
    return (
        f"{metrics['model']}{point} on {gold['file']}: {gold['notes']} notes, {gold['spans']} spans{read}{made}{left}"
    )


def _measures(metrics: Metrics) -> str:
    rows = []
    for name, measure in MEASURES.items():
        whole, middle = metrics["scores"][name], metrics["narrative"][name]
        rows.append((measure.title, score(whole["value"]), interval(whole), score(middle["value"])))
    header = ("Measure", "Whole notes", "95 % interval", "Narrative")
    return table(rows, header=header, divider=True, aligns=("l", "r", "r", "r"), max_col=WIDEST)


def _categories(metrics: Metrics) -> str:
    # "labels" are categories too, but show each label that labels.toml lacks by itself
    rows = [
        (label, *(score(row[key]) for key in ("precision", "recall", "f1", "hidden")), row["support"])
        for label, row in metrics["labels"].items()
    ]
    header = ("Category", "P", "R", "F1", "Hidden", "Gold spans")
    return table(rows, header=header, divider=True, aligns=("l", "r", "r", "r", "r", "r"), max_col=WIDEST)


def _speed(metrics: Metrics) -> str:
    speed = metrics["speed"]
    if speed is None:
        return ""
    return (
        f"{speed['seconds']:.1f} s, {speed['characters_per_second']:,.0f} characters/s, "
        f"{speed['words_per_second']:,.0f} words/s"
    )


def gap_table(contenders: Sequence[Contender]) -> str:
    """Return each measure of the contenders side by side, with the gaps to the first, as lines of text."""
    header = ["Measure", *(name for name, _ in contenders)]
    for name, _ in contenders[1:]:
        header += [f"Gap of {name}", "95 % interval"]
    rows = []
    for line in side_by_side(contenders):
        row = [line.title, *(score(of_one["value"]) for of_one in line.scores)]
        for gap in line.gaps:
            row += [signed(gap["value"]), signed_interval(gap)]
        rows.append(row)
    return table(rows, header=header, divider=True, max_col=WIDEST)


def operating_points_table(points: Mapping[str, Any]) -> str:
    """Return the curve on the held-out notes with the chosen points, and the reliability, as lines of text."""
    held_out = points["held_out"]
    made = f"\nThese are not real notes: {held_out['made']}" if held_out["made"] else ""
    headline = f"Operating points, chosen on {held_out['notes']} held-out notes{made}"
    return "\n".join(
        [headline, curve_table(points["curve"], points["thresholds"]), _reliability(points["reliability"])]
    )


def curve_table(curve: Sequence[Mapping[str, Any]], thresholds: Mapping[str, float]) -> str:
    """Return the figures at each threshold as lines of text; ``thresholds``: those with names."""
    rows = []
    for point in curve:
        names = ", ".join(name for name, threshold in thresholds.items() if threshold == point["threshold"])
        figures = [text for name in CURVE for text in _with_interval(point[name])]
        rows.append((f"{point['threshold']:.2f}", *figures, names))
    header = ("Threshold", *(text for name in CURVE for text in (MEASURES[name].title, "95 % interval")), "Point")
    return table(rows, header=header, divider=True, aligns=(*"rrrrrrr", "l"), max_col=WIDEST)


def _reliability(found: Mapping[str, Any]) -> str:
    before, after = found["uncalibrated"], found["calibrated"]
    rows = [
        (f"{number / 10:.1f} to {(number + 1) / 10:.1f}", *_bin(old), *_bin(new))
        for number, (old, new) in enumerate(zip(before["bins"], after["bins"], strict=True))
    ]
    header = ("Probability", "Tokens", "Mean", "In identifiers", "Tokens, calibrated", "Mean", "In identifiers")
    return (
        table(rows, header=header, divider=True, aligns=("l", *"rrrrrr"), max_col=WIDEST)
        + f"\nTemperature {found['temperature']:.3f}. Expected calibration error: {before['error']:.4f} before, "
        f"{after['error']:.4f} after."
    )


def _bin(row: Mapping[str, Any]) -> tuple[int, str, str]:
    return row["tokens"], score(row["probability"]), score(row["share"])


def names_table(result: Mapping[str, Any]) -> str:
    """Return name recall by origin and gender and the gap from the worst to the best group, as lines of text."""
    rows = []
    for row in result["groups"]:
        found = [text for name in ("characters", "spans") for text in (score(row[name]["value"]), interval(row[name]))]
        rows.append((row["origin"], row["gender"], row["names"], *found))
    header = ("Origin", "Gender", "Names", "Characters", "95 % interval", "Spans", "95 % interval")
    gap = result["gap"]
    return (
        table(rows, header=header, divider=True, aligns=("l", "l", "r", "r", "r", "r", "r"), max_col=WIDEST)
        + f"\nWorst group under the best: characters {gap['characters']:.4f}, spans {gap['spans']:.4f}"
    )


def clinical_table(result: Mapping[str, Any]) -> str:
    """Return the clinical loss by kind, as lines of text."""
    rows = [
        (row["kind"], row["count"], *(text for loss in ("characters", "lines") for text in _with_interval(row[loss])))
        for row in result["kinds"]
    ]
    header = ("Kind", "Lines", "Characters lost", "95 % interval", "Lines touched", "95 % interval")
    return table(rows, header=header, divider=True, aligns=("l", *"rrrrr"), max_col=WIDEST)


def challenge_table(result: Mapping[str, Any]) -> str:
    """Return the results of difficult cases by kind, and the consistency on variants of them, as lines of text."""
    kinds = [
        (name, row["cases"], *(text for share in _CHALLENGE for text in _with_interval(row[share])))
        for name, row in [*result["kinds"].items(), ("all", result["all"])]
    ]
    variants = [
        (name.replace("_", " "), row["cases"], *(text for share in _CONSISTENCY for text in _with_interval(row[share])))
        for name, row in result["consistency"].items()
    ]
    return "\n".join(
        table(
            rows,
            header=(first, "Cases", *(text for title in titles.values() for text in (title, "95 % interval"))),
            divider=True,
            aligns=("l", *"rrrrrrr"),
            max_col=WIDEST,
        )
        for first, titles, rows in (("Kind", _CHALLENGE, kinds), ("Decisions alike after", _CONSISTENCY, variants))
    )


def round_trip_table(result: Mapping[str, Any]) -> str:
    """Return how many entities were found again in redacted text, by category, as lines of text."""
    rows = [
        (name, row["entities"], *(text for share in _ROUND_TRIP for text in _with_interval(row[share])))
        for name, row in [*result["categories"].items(), ("all", result["all"])]
    ]
    header = ("Category", "Entities", *(text for name in _ROUND_TRIP.values() for text in (name, "95 % interval")))
    return table(rows, header=header, divider=True, aligns=("l", *"rrrrrrr"), max_col=WIDEST)


def _with_interval(row: Mapping[str, Any]) -> tuple[str, str]:
    return score(row["value"]), interval(row)
