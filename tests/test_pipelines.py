"""One function opens every pipeline, and says what is wrong with one that cannot be opened."""

from pathlib import Path

import pytest
import spacy

from spacy_deid.errors import DeidError
from spacy_deid.pipelines import load_pipeline


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    nlp = spacy.blank("sv")
    nlp.add_pipe("sentencizer")
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline"


def test_a_directory_is_loaded(saved: Path) -> None:
    assert load_pipeline(saved).pipe_names == ["sentencizer"]


def test_a_component_can_be_left_out(saved: Path) -> None:
    assert load_pipeline(str(saved), exclude=["sentencizer"]).pipe_names == []


def test_an_absent_pipeline_is_named_with_a_remedy() -> None:
    with pytest.raises(DeidError, match=r"There is no pipeline deid_xx, .*Remedy: correct the name"):
        load_pipeline("deid_xx")


def test_an_incomplete_pipeline_is_refused_with_the_reason(saved: Path) -> None:
    config = saved / "config.cfg"
    config.write_text(config.read_text("utf8").replace('factory = "sentencizer"', 'factory = "nobodys"'), "utf8")
    with pytest.raises(DeidError, match=r"incomplete .*nobodys"):
        load_pipeline(saved)


def test_an_empty_directory_is_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(DeidError, match="There is no pipeline"):
        load_pipeline(tmp_path)
