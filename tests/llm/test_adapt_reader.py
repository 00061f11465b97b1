"""A reader learns from annotated notes, can be killed, and finds the identifiers of a Doc."""

import numpy as np
import pytest
import spacy
import srsly
import torch
from decoders import save_llama
from reading import CONFIG, GOLD, run, save_gold
from safetensors.torch import load_file
from transformers import TrainerCallback
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.llm import adapt_reader as module
from spacy_deid.llm.held_out import recall_at
from spacy_deid.llm.reader import make_reader
from spacy_deid.llm.tag_task import make_tag_task
from spacy_deid.markup import render

WEIGHTS = ("adapter_model.safetensors", "tag_head.safetensors")


def test_it_learns_to_find_identifiers_in_a_pipeline(tmp_path, overrides, base):
    manifest = run(overrides, tmp_path / "reader")
    assert manifest["labels"] == ["NAME"]
    assert manifest["held_out"]["recall"] == 1.0

    task = make_tag_task()
    model = make_reader(str(base), str(tmp_path / "reader"), dtype="float32")
    nlp = spacy.blank("es")
    docs = [nlp("paciente dolor ingresa ."), nlp("recibe fiebre"), nlp("")]
    prompts = [[passage] for passage in task.generate_prompts(docs)]
    read = list(task.parse_responses(docs, model(prompts)))

    marked = [render(doc.text, [(s.start_char, s.end_char, s.label_) for s in doc.spans["deid_llm"]]) for doc in read]
    assert marked == ["paciente <NAME>dolor</NAME> ingresa .", "recibe fiebre", ""]
    (name,) = read[0].spans["deid_llm"]
    assert (name._.deid_source, 0.5 < name._.deid_score <= 1) == ("llm", True)


def test_a_second_run_changes_nothing_and_other_settings_are_another_run(tmp_path, overrides):
    first = run(overrides, tmp_path / "reader", **{"training.max_steps": 2})
    again = run(overrides, tmp_path / "reader", **{"training.max_steps": 2})
    assert again["training"] == first["training"]  # its seconds, too
    assert run(overrides, tmp_path / "reader", **{"training.max_steps": 3})["fingerprint"] != first["fingerprint"]


def test_out_holds_no_text_and_is_the_owner_s(tmp_path, overrides):
    run(overrides, tmp_path / "reader", **{"training.max_steps": 2})
    files = {path.name for path in (tmp_path / "reader").iterdir()}
    assert files == {*WEIGHTS, "adapter_config.json", "adaptation.json"}
    assert all((tmp_path / "reader" / name).stat().st_mode & 0o077 == 0 for name in WEIGHTS)
    assert "dolor" not in (tmp_path / "reader" / "adaptation.json").read_text("utf8")


class Kill(TrainerCallback):
    """Stops a run as Ctrl-C does, in the middle of a step."""

    def on_step_begin(self, args, state, control, **kwargs):
        if state.global_step == 6:
            raise KeyboardInterrupt


def test_a_killed_run_ends_with_the_same_reader(tmp_path, overrides, monkeypatch):
    overrides |= {"training.max_steps": 10, "training.checkpoint_seconds": 0, "lora.dropout": 0.1}
    run(overrides, tmp_path / "undisturbed")
    with monkeypatch.context() as patch:
        make = module.trainer_of

        def interrupted(*args, **kwargs):
            trainer = make(*args, **kwargs)
            trainer.add_callback(Kill())
            return trainer

        patch.setattr(module, "trainer_of", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(overrides, tmp_path / "killed")
    manifest = run(overrides, tmp_path / "killed")

    assert manifest["training"]["resumed_from_step"] == 6
    for name in WEIGHTS:
        one, other = (load_file(tmp_path / folder / name) for folder in ("undisturbed", "killed"))
        assert all(torch.equal(one[key], other[key]) for key in one)


def test_public_notes_are_learned_too(tmp_path, overrides):
    public = save_gold(tmp_path / "public.spacy", ["ingresa por <DATE>fiebre</DATE>"])
    manifest = run(overrides, tmp_path / "reader", **{"paths.public": str(public), "training.max_steps": 2})
    assert manifest["labels"] == ["NAME", "DATE"]
    assert manifest["notes"]["train"] == 6 * len(GOLD) + 1


def test_notes_without_annotation_are_refused(tmp_path, overrides):
    plain = save_gold(tmp_path / "plain.spacy", ["recibe fiebre"])
    with pytest.raises(DeidError, match="holds no annotated identifier"):
        run(overrides, tmp_path / "reader", **{"paths.train": str(plain)})


def test_a_reader_of_another_base_is_refused(tmp_path, overrides):
    run(overrides, tmp_path / "reader", **{"training.max_steps": 2})
    model = make_reader(str(save_llama(tmp_path / "other")), str(tmp_path / "reader"))
    with pytest.raises(DeidError, match="another base model"):
        model.directories()
    with pytest.raises(DeidError, match="another base model"):
        list(model([[]]))


def test_an_adapter_that_writes_is_no_reader(tmp_path, overrides, base):
    run(overrides, tmp_path / "reader", **{"training.max_steps": 2})
    (tmp_path / "reader" / "tag_head.safetensors").unlink()
    with pytest.raises(DeidError, match="holds no reader"):
        list(make_reader(str(base), str(tmp_path / "reader"))([[]]))


@pytest.mark.parametrize("more", [{"corpus.public": 5}, {"privacy.epsilon": 8, "privacy.delta": 1e-3}])
def test_settings_of_models_that_write_are_refused(tmp_path, overrides, more):
    if "privacy.epsilon" in more:
        more = {"privacy.epsilon": 8.0, "privacy.delta": 1e-3, "privacy.max_grad_norm": 1.0}
    with pytest.raises(DeidError):
        run(overrides, tmp_path / "reader", **more)


def test_the_command_trains_a_reader(tmp_path, overrides):
    options = [word for key, value in (overrides | {"training.max_steps": 2}).items() for word in (f"--{key}", value)]
    result = CliRunner().invoke(app, ["adapt", str(CONFIG), str(tmp_path / "reader"), *map(str, options)])
    assert result.exit_code == 0, result.output
    assert "held-out character recall" in " ".join(result.output.split())
    assert srsly.read_json(tmp_path / "reader" / "adaptation.json")["settings"]["corpus"]["mode"] == "read"


@pytest.mark.parametrize(
    ("margins", "most", "recall", "over"),
    [
        ([3, 2, 1, 0], 0.0, 0.5, 0.0),  # the first two identify, the third does not, the fourth does
        ([3, 2, 1, 0], 0.5, 0.5, 0.5),
        ([3, 2, 1, 0], 1.0, 1.0, 1.0),
        ([2, 2, 2, 2], 0.4, 0.0, 0.0),  # equal margins are found together or not at all
    ],
)
def test_recall_is_compared_at_an_over_redaction(margins, most, recall, over):
    identifying, other = np.array([4, 4, 0, 8]), np.array([0, 0, 5, 5])
    best = recall_at(np.array(margins, dtype=np.float32), identifying, other, most, step=1)
    assert (best.recall, best.over_redaction) == (recall, over)
    found = np.array(margins) + best.bias > 0
    assert identifying[found].sum() / 16 == recall or recall == 0
