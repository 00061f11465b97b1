"""Adapting a tiny model: it learns, the base is unchanged, a kill costs nothing, and bad input is reported."""

import errno
import logging
import stat

import pytest
import srsly
import torch
from adaptation import CONFIG, run, save_corpus
from decoders import NOTE, save_gemma, save_llama
from safetensors import SafetensorError
from typer.testing import CliRunner

from benchmarks.adapt import compare_adaptation
from spacy_deid.cli import app
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt import run as run_module
from spacy_deid.generate.adapt.checkpoints import full_disk_as_oserror
from spacy_deid.generate.adapt.data import read_texts, tokenize
from spacy_deid.generate.adapt.settings import read_settings
from spacy_deid.generate.causal_lm import load_causal_lm, open_causal_lm


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("save", [save_gemma, save_llama])
def test_it_learns_and_proves_it(tmp_path, overrides, save, dtype):
    overrides["paths.model"] = str(save(tmp_path / "other"))
    overrides |= {"training.dtype": dtype, "training.gradient_accumulation": 2, "training.max_steps": 40}
    manifest = run(overrides, tmp_path / "out")
    assert manifest["held_out_loss"]["after"] < 0.9 * manifest["held_out_loss"]["before"]
    layers = srsly.read_json(tmp_path / "other" / "config.json")["num_hidden_layers"]
    assert manifest["weight_change"]["modules"] == layers * 7  # q, k, v, o, gate, up and down of each layer
    assert manifest["weight_change"]["least"] > 0
    assert manifest["hardware"]["dtype"] == dtype
    assert manifest["training"]["steps"] == 40
    assert srsly.read_json(tmp_path / "out" / "adaptation.json")["held_out_loss"] == manifest["held_out_loss"]


@pytest.mark.slow
def test_out_holds_the_adapter_and_no_more(tmp_path, overrides, base):
    (base / "NOTICE").write_text("terms")
    run(overrides, tmp_path / "out")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"adapter_model.safetensors", "adapter_config.json", "adaptation.json", "NOTICE"}
    assert stat.S_IMODE((tmp_path / "out" / "adapter_model.safetensors").stat().st_mode) == 0o600
    assert srsly.read_json(tmp_path / "out" / "adapter_config.json")["base_model_name_or_path"] == str(base)


def test_the_base_on_disk_is_untouched(tmp_path, overrides, base):
    before = (base / "model.safetensors").read_bytes()
    run(overrides, tmp_path / "out")
    assert (base / "model.safetensors").read_bytes() == before


def test_a_second_run_does_nothing(tmp_path, overrides, monkeypatch):
    first = run(overrides, tmp_path / "out")
    monkeypatch.setattr(run_module, "open_for_adaptation", None)
    assert run(overrides, tmp_path / "out")["training"] == pytest.approx(first["training"])  # read back inexactly


@pytest.mark.slow
@pytest.mark.parametrize("damaged", ["{", "[]"])
def test_a_damaged_manifest_is_named_and_the_adapter_made_again(tmp_path, overrides, base, damaged):
    first = run(overrides, tmp_path / "out")
    (tmp_path / "out" / "adaptation.json").write_text(damaged)
    with pytest.raises(DeidError, match=r"adaptation\.json is damaged"):
        load_causal_lm(str(base), str(tmp_path / "out"), dtype=torch.float32)
    assert run(overrides, tmp_path / "out")["held_out_loss"] == first["held_out_loss"]


@pytest.mark.slow
def test_other_settings_are_another_run(tmp_path, overrides):
    first = run(overrides, tmp_path / "out")
    second = run(overrides, tmp_path / "out", **{"training.max_steps": 3})
    assert first["fingerprint"] != second["fingerprint"]
    assert second["training"]["steps"] == 3


def test_the_merged_model_is_the_adapted_one_and_stays_tied(tmp_path, overrides, base):
    manifest = run(overrides, tmp_path / "out")
    model, tokenizer = load_causal_lm(str(base), str(tmp_path / "out"), dtype=torch.float32)
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
    ids = torch.tensor(tokenize([NOTE], tokenizer))
    short = [ids[:, start : start + 9] for start in range(0, ids.shape[1] - 1, 8)]
    with torch.inference_mode():
        total = sum(model(input_ids=part, labels=part).loss * (part.shape[1] - 1) for part in short)
    assert total / (ids.shape[1] - 1) == pytest.approx(manifest["held_out_loss"]["after"], rel=1e-4)


def test_an_adapter_of_another_base_is_refused(tmp_path, overrides):
    run(overrides, tmp_path / "out")
    other = save_gemma(tmp_path / "other", seed=1)
    with pytest.raises(DeidError, match="another base model.*weights differ"):
        load_causal_lm(str(other), str(tmp_path / "out"), dtype=torch.float32)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:100])


def test_damaged_weights_are_named(tmp_path, overrides, base):
    run(overrides, tmp_path / "out")
    cut_short(tmp_path / "out" / "adapter_model.safetensors")
    with pytest.raises(DeidError, match=r"adapter .*out is damaged"):
        load_causal_lm(str(base), str(tmp_path / "out"), dtype=torch.float32)
    cut_short(base / "model.safetensors")
    with pytest.raises(DeidError, match=r"base cannot be opened"):
        load_causal_lm(str(base), dtype=torch.float32)


def test_an_unfinished_adapter_is_refused(tmp_path, base):
    (tmp_path / "out").mkdir()
    with pytest.raises(DeidError, match="adaptation.json is missing"):
        load_causal_lm(str(base), str(tmp_path / "out"), dtype=torch.float32)


def test_notes_start_and_end_as_the_model_expects(base):
    _, tokenizer = open_causal_lm(base, dtype=torch.float32)
    ids = tokenize(["dolor alta"], tokenizer)
    assert tokenizer.convert_ids_to_tokens(ids[0]) == ["<bos>", "dolor", "alta", "<eos>"]


def test_no_text_in_the_manifest_or_the_logs(tmp_path, overrides, caplog, capfd):
    name = "Zacarías"
    overrides["paths.train"] = str(save_corpus(tmp_path / "secret.spacy", [f"{name} {NOTE}"] * 8))
    with caplog.at_level(logging.DEBUG):
        run(overrides, tmp_path / "out")
    printed = "".join(capfd.readouterr())
    for told in (caplog.text, printed, (tmp_path / "out" / "adaptation.json").read_text()):
        assert name not in told
        assert "fiebre" not in told


def test_absent_and_empty_input_is_reported(tmp_path, overrides):
    empty = save_corpus(tmp_path / "empty.spacy", ["", " \n"])
    with pytest.raises(DeidError, match="holds no text"):
        read_texts(empty)
    with pytest.raises(DeidError, match="absent.spacy"):
        run(overrides, tmp_path / "out", **{"paths.train": str(tmp_path / "absent.spacy")})
    with pytest.raises(DeidError, match="nowhere"):
        run(overrides, tmp_path / "out", **{"paths.model": str(tmp_path / "nowhere")})
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="is about machines without a GPU")
def test_qlora_without_a_gpu_is_refused(tmp_path, overrides):
    with pytest.raises(DeidError, match="needs a GPU"):
        run(overrides, tmp_path / "out", **{"lora.quantize": True})


def test_a_loss_that_is_no_number_ends_the_run(tmp_path, overrides):
    with pytest.raises(DeidError, match=r"loss is (nan|inf) at step"):
        run(overrides, tmp_path / "out", **{"training.learning_rate": 1e30})


@pytest.mark.parametrize(
    "error",
    [
        SafetensorError('IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })'),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 47744 vs 47636"),
        RuntimeError("[enforce fail at inline_container.cc:783] . PytorchStreamWriter failed writing file data.pkl"),
    ],
)
def test_a_full_disk_is_told_as_one(tmp_path, error):
    with pytest.raises(OSError, match="No space left") as caught, full_disk_as_oserror(tmp_path):
        raise error
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.slow
def test_a_full_disk_while_the_adapter_is_written_leaves_the_earlier_one(tmp_path, overrides, monkeypatch):
    run(overrides, tmp_path / "out")
    earlier = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*args, **kwargs):
        message = 'IoError(Os { code: 28, kind: StorageFull, message: "No space left on device" })'
        raise SafetensorError(message)

    monkeypatch.setattr("peft.peft_model.safe_save_file", fail)
    settings = {**overrides, "training.learning_rate": 0.03}
    arguments = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    result = CliRunner().invoke(app, ["adapt", str(CONFIG), str(tmp_path / "out"), "--quiet", *arguments])
    assert result.exit_code == 1
    assert result.output.startswith("✘ The disk is full while writing")
    assert earlier == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}


@pytest.mark.slow
def test_the_command_takes_overrides_and_reports_its_errors(tmp_path, overrides):
    arguments = [word for name, value in overrides.items() for word in (f"--{name}", str(value))]
    runner = CliRunner()
    good = runner.invoke(app, ["adapt", str(CONFIG), str(tmp_path / "out"), "--quiet", *arguments])
    assert good.exit_code == 0
    assert (tmp_path / "out" / "adaptation.json").is_file()
    bad = runner.invoke(app, ["adapt", str(CONFIG), str(tmp_path / "out"), "--training.epoch", "2"])
    assert bad.exit_code == 1
    assert "training.epoch" in bad.output


@pytest.mark.slow
def test_the_benchmark_sets_both_ways_side_by_side(tmp_path, overrides, base):
    settings = read_settings(CONFIG, overrides)
    result = compare_adaptation(settings, str(save_gemma(tmp_path / "full")), steps=2, rounds=2, quiet=True)
    assert result["ratio"] == pytest.approx(
        result["package"]["characters_per_second"] / result["plain"]["characters_per_second"], abs=0.01
    )
