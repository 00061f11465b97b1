"""Systems side by side: each in a process of its own, with prices that the user states."""

import pytest
import spacy
import srsly
from reading import save_gold
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.evaluate.compare import compare, markdown

GOLD = ["<NAME>Bo</NAME> ringde <NAME>Siv</NAME>", "sov gott", "<NAME>Bo</NAME> åt"]
CONFIG = """
[gold]
path = "{folder}/gold.spacy"
made = "written for this test"

[prices]
currency = "EUR"

[prices.hour]
core = 3.6

[systems]

[systems.all]
pipeline = "{folder}/pipeline"
machine = "core"

[systems.changed]
pipeline = "{folder}/pipeline"
machine = "{machine}"

[systems.changed.settings]
components.deid_merge.leave = ["{left}"]

[systems.elsewhere]
pipeline = "{folder}/gold.spacy"
machine = "core"
"""


@pytest.fixture
def config(tmp_path):
    save_gold(tmp_path / "gold.spacy", GOLD)
    nlp = spacy.blank("es")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "NAME", "pattern": "Bo"}])
    nlp.add_pipe("deid_merge")
    nlp.to_disk(tmp_path / "pipeline")

    def write(machine="core", left="DATE"):
        path = tmp_path / "compare.cfg"
        path.write_text(CONFIG.format(folder=tmp_path, machine=machine, left=left), "utf8")
        return path

    return write


@pytest.mark.slow
def test_each_system_has_its_scores_speed_memory_and_cost(config, tmp_path):
    result = CliRunner().invoke(app, ["compare", str(config()), str(tmp_path / "out")])
    assert result.exit_code == 0, result.output

    made = srsly.read_json(tmp_path / "out" / "comparison.json")
    found = {name: round(row["scores"]["character_recall"]["value"], 3) for name, row in made["systems"].items()}
    assert found == {"all": 0.571, "changed": 0.571, "elsewhere": 1.0}
    row = made["systems"]["all"]
    seconds = srsly.read_json(tmp_path / "out" / "all.json")["speed"]["seconds"]
    assert row["cost_of_a_million_notes"] == pytest.approx(seconds / 3 / 3600 * 3.6 * 1e6, abs=0.01)
    assert row["peak_memory"] > 50e6
    assert made["systems"]["elsewhere"]["words_per_second"] is None
    assert "| elsewhere | 1.000" in (tmp_path / "out" / "comparison.md").read_text("utf8")
    assert (tmp_path / "out" / "comparison.svg").read_text("utf8").startswith("<svg")
    assert not any("ringde" in file.read_text("utf8") for file in (tmp_path / "out").iterdir())


def test_a_machine_without_a_price_is_named(config, tmp_path):
    with pytest.raises(DeidError, match=r"prices\.hour has no row for gpu"):
        compare(config(machine="gpu"), tmp_path / "out")


def test_the_table_states_the_prices_and_the_origin_of_the_notes():
    gold = {"notes": 2, "spans": 3, "words": 9, "made": "written for this test"}
    value = {"value": 0.5, "low": 0.4, "high": 0.6}
    scores = dict.fromkeys(("character_recall", "over_redaction", "fully_redacted", "strict_f1"), value)
    row = {"scores": scores, "words_per_second": 1234.5, "peak_memory": 2e8, "cost_of_a_million_notes": None}
    page = markdown({"gold": gold, "prices": {"currency": "SEK", "hour": {"core": 0.5}}, "systems": {"x": row}})
    assert "2 notes with 3 identifiers, 9 words (written for this test)." in page
    assert "Prices of an hour in SEK: core 0.5." in page
    assert page.splitlines()[-1] == "| x | " + "0.500 [0.400, 0.600] | " * 4 + "1,234 | 200 | - |"
