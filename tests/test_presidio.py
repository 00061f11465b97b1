"""Presidio's real engines find and replace what a pipeline and deid_redact do."""

from pathlib import Path

import pytest
import spacy
import srsly
from presidio_analyzer import AnalyzerEngine, AnalyzerEngineProvider, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_anonymizer import AnonymizerEngine

from spacy_deid.labels import categories
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.presidio import DeidAnonymizer, DeidRecognizer

CONFIG = Path(__file__).parents[1] / "docs" / "presidio.yaml"
NOTE = "Anna Ek ringde. Annas nummer är 780412-1234."
PATTERNS = [
    {"label": "NAME", "pattern": "Anna Ek"},
    {"label": "NAME", "pattern": "Annas"},
    {"label": "ID", "pattern": "780412-1234"},
]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    """A pipeline that finds what it is told to, and redacts."""
    nlp = fine_blank("sv")
    nlp.add_pipe("entity_ruler").add_patterns(PATTERNS)
    nlp.add_pipe("deid_redact", config={"mode": "index"})
    folder = tmp_path_factory.mktemp("model")
    nlp.to_disk(folder)
    return str(folder)


@pytest.fixture(scope="module")
def analyzer(model: str) -> AnalyzerEngine:
    engine = {"nlp_engine_name": "no_op", "models": [{"lang_code": "sv", "model_name": "no_op"}]}
    registry = RecognizerRegistry(recognizers=[DeidRecognizer(model)], supported_languages=["sv"])
    nlp_engine = NlpEngineProvider(nlp_configuration=engine).create_engine()
    return AnalyzerEngine(registry=registry, nlp_engine=nlp_engine, supported_languages=["sv"])


def found(results: list[RecognizerResult]) -> list[tuple[str, str]]:
    return [(NOTE[each.start : each.end], each.entity_type) for each in sorted(results, key=lambda each: each.start)]


def test_the_analyzer_finds_what_the_pipeline_finds(analyzer: AnalyzerEngine) -> None:
    results = analyzer.analyze(NOTE, language="sv")
    assert found(results) == [("Anna Ek", "PERSON"), ("Annas", "PERSON"), ("780412-1234", "ID")]
    assert found(analyzer.analyze(NOTE, language="sv", entities=["ID"])) == [("780412-1234", "ID")]


def test_presidios_own_anonymizer_takes_the_results(analyzer: AnalyzerEngine) -> None:
    redacted = AnonymizerEngine().anonymize(NOTE, analyzer.analyze(NOTE, language="sv"))
    assert redacted.text == "<PERSON> ringde. <PERSON> nummer är <ID>."


def test_the_anonymizer_knows_that_two_names_are_one_persons(analyzer: AnalyzerEngine, model: str) -> None:
    redacted = DeidAnonymizer(spacy.load(model)).anonymize(NOTE, analyzer.analyze(NOTE, language="sv"))
    assert redacted.text == "[NAME_1] ringde. [NAME_1] nummer är [ID_1]."
    assert [(redacted.text[item.start : item.end], item.entity_type, item.operator) for item in redacted.items] == [
        ("[NAME_1]", "PERSON", "index"),
        ("[NAME_1]", "PERSON", "index"),
        ("[ID_1]", "ID", "index"),
    ]


def test_overlapping_and_unheard_of_results_are_redacted_whole(model: str) -> None:
    results = [RecognizerResult("PERSON", 0, 7, 0.4), RecognizerResult("UK_NHS", 5, 14, 0.9)]
    redacted = DeidAnonymizer(spacy.load(model)).anonymize(NOTE, results)
    assert not any(word in redacted.text for word in ("Anna ", "Ek", "ringde"))


def test_the_example_config_gives_an_analyzer(model: str, tmp_path: Path) -> None:
    config = srsly.read_yaml(CONFIG)
    config["recognizer_registry"]["recognizers"][0]["name"] = model
    srsly.write_yaml(tmp_path / "presidio.yaml", config)
    engine = AnalyzerEngineProvider(analyzer_engine_conf_file=tmp_path / "presidio.yaml").create_engine()
    assert set(engine.get_supported_entities("sv")) >= {"PERSON", "ID"}
    assert len(engine.get_supported_entities("sv")) == len(categories())
    assert found(engine.analyze(NOTE, language="sv"))[-1] == ("780412-1234", "ID")
