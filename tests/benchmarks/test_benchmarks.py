"""A benchmark compares two ways on the same work and names its measures."""

import json
from pathlib import Path

import pytest
from decoders import character_tokenizer, gemma
from typer.testing import CliRunner

from benchmarks.sample import app


@pytest.fixture(scope="module")
def tiny_lm(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lm")
    gemma().save_pretrained(folder)
    character_tokenizer().save_pretrained(folder)
    return folder


@pytest.mark.slow
def test_sampling_names_the_best_plain_batch_size_and_the_ratio_to_it(tiny_lm: Path, tmp_path: Path) -> None:
    sizes = ["--plain-batch-size", "1", "--plain-batch-size", "4"]
    small = ["--notes", "6", "--max-tokens", "8", "--rounds", "3", "--output", str(tmp_path / "result.json")]

    result = CliRunner().invoke(app, [str(tiny_lm), "--prompt", "ab", *sizes, *small])

    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "result.json").read_text())
    speeds = figures["tokens_per_second"]
    assert set(speeds) == {"fast", "transformers, batch 1", "transformers, batch 4"}
    assert speeds[figures["best_plain"]] == max(speed for name, speed in speeds.items() if name != "fast")
    assert figures["ratio"] == pytest.approx(speeds["fast"] / speeds[figures["best_plain"]], rel=0.02)
    assert len(figures["ratios"]) == 3


def test_an_absent_model_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "nothing")])

    assert result.exit_code == 1
    assert "nothing" in result.output
