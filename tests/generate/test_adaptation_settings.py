"""What an adaptation config may say, and how one that says something else is told."""

from pathlib import Path

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.settings import read_settings

CONFIG = Path(__file__).parents[2] / "configs" / "quick" / "adapt.cfg"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"training.epoch": 3}, r"training\.epoch\b"),
        ({"lora.rank": "many"}, r"lora\.rank"),
        ({"lora.dropout": 7}, r"lora\.dropout"),
        ({"lora.dropout": -0.1}, r"lora\.dropout"),
        ({"training.warmup_ratio": 1.5}, r"training\.warmup_ratio"),
        ({"training.learning_rate": -1}, r"training\.learning_rate"),
        ({"surprise.x": 1}, "surprise"),
        ({"corpus.public": -1}, r"corpus\.public"),
    ],
)
def test_a_bad_setting_is_named(changed, message):
    with pytest.raises(DeidError, match=message):
        read_settings(CONFIG, changed)


def test_public_notes_have_no_place_among_the_units_of_differential_privacy(tmp_path):
    private = tmp_path / "private.cfg"
    private.write_text(CONFIG.read_text() + "\n[privacy]\nepsilon = 3.0\ndelta = 1e-5\nmax_grad_norm = 1.0\n")
    assert read_settings(private).privacy.epsilon == 3
    with pytest.raises(DeidError, match=r"corpus\.public must be 0 beside"):
        read_settings(private, {"corpus.public": 5})


def test_a_config_that_is_none_is_reported(tmp_path):
    with pytest.raises(DeidError, match="no config"):
        read_settings(tmp_path / "absent.cfg")
    (tmp_path / "broken.cfg").write_text("this is no config")
    with pytest.raises(DeidError, match="broken.cfg"):
        read_settings(tmp_path / "broken.cfg")


@pytest.mark.parametrize("config", sorted(CONFIG.parents[1].glob("*/adapt*.cfg")), ids=lambda path: path.name)
def test_the_shipped_configs_are_valid(config):
    read_settings(config)
