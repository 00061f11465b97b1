"""An adaptation config: its ranges, and the error that names a wrong setting."""

from pathlib import Path

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.settings import read_settings

CONFIGS = Path(__file__).parents[2] / "configs"
CONFIG = CONFIGS / "quick" / "adapt.cfg"


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


def test_a_file_that_is_not_a_config_is_reported(tmp_path):
    with pytest.raises(DeidError, match="no config"):
        read_settings(tmp_path / "absent.cfg")
    (tmp_path / "broken.cfg").write_text("this is no config")
    with pytest.raises(DeidError, match="broken.cfg"):
        read_settings(tmp_path / "broken.cfg")


@pytest.mark.parametrize(
    ("config", "quantize", "device"),
    [
        ("quick/adapt.cfg", False, "cpu"),
        ("quick/adapt_read.cfg", False, "cpu"),
        ("full/adapt.cfg", True, "cuda"),
        ("full/adapt_lora.cfg", False, "auto"),
    ],
)
def test_the_shipped_configs_are_valid_and_keep_what_their_first_line_promises(config, quantize, device):
    settings = read_settings(CONFIGS / config)
    assert (settings.lora.quantize, settings.training.device) == (quantize, device)
    assert settings.privacy is None


def test_every_shipped_config_is_among_those_that_are_checked():
    checked = {"quick/adapt.cfg", "quick/adapt_read.cfg", "full/adapt.cfg", "full/adapt_lora.cfg"}
    assert {path.relative_to(CONFIGS).as_posix() for path in CONFIGS.glob("*/adapt*.cfg")} == checked
