"""The llm component with our model and task: new Docs, lazily loaded weights, and no text in any log."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from decoders import character_tokenizer, gemma
from hypothesis import given
from hypothesis import strategies as st
from spacy.cli.assemble import assemble_cli  # noqa: F401  the command under test
from spacy.training import Example
from spacy.vocab import Vocab
from stand_in import PATIENT, save_pipeline, save_seeds
from typer.testing import CliRunner

from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.generate.engines.protocol import Completion, Prompt
from spacy_deid.generate.llm_models import make_causal_lm, make_vllm
from spacy_deid.generate.note_task import note_text
from spacy_deid.generate.run import generate
from spacy_deid.lang.tokenization import fine_blank

CONFIGS = Path(__file__).parents[2] / "configs"
NAMES = ("generator", "generator_ensemble")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory) -> Path:
    return save_pipeline(tmp_path_factory.mktemp("generator") / "pipeline")


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> Path:
    return save_seeds(tmp_path_factory.mktemp("seeds") / "seeds.spacy", notes=3)


@pytest.fixture(scope="module")
def lm(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lm")
    gemma().save_pretrained(folder)
    character_tokenizer().save_pretrained(folder)
    return folder


def test_new_docs_come_out_and_the_seeds_stay_as_they_were(pipeline, seeds):
    nlp = spacy.load(pipeline)
    prompts = list(read_docs(seeds, nlp.vocab))
    notes = list(nlp.pipe(prompts))
    for prompt, note in zip(prompts, notes, strict=True):
        assert note is not prompt
        assert note.text.startswith(prompt.text) and len(note) > len(prompt) == 3
        assert (note._.deid_id, note._.deid_group) == (prompt._.deid_id, prompt._.deid_group)
        assert note._.deid_meta == {**prompt._.deid_meta, "finished": True, "tokens": 60}
        assert [ent.text for ent in note.ents] == [PATIENT]
        assert [token.text for token in fine_blank("es")(note.text)] == [token.text for token in note]


def test_neither_prompts_nor_notes_are_logged(pipeline, seeds, caplog):
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="spacy_llm")
    nlp = spacy.load(pipeline)
    notes = list(nlp.pipe(read_docs(seeds, nlp.vocab)))
    assert len(notes) == 3
    assert not any(word in caplog.text for word in ("Informe", *PATIENT.split()))
    logging.getLogger("spacy_llm").warning("still told")
    assert "still told" in caplog.text


def test_a_doc_that_is_no_seed_is_refused(pipeline):
    with pytest.raises(DeidError, match="is not a seed"):
        spacy.load(pipeline)("Una nota")


@pytest.mark.parametrize(
    ("prefix", "written", "finished", "expected"),
    [
        ("Varón", " de 40 años.\n", True, "Varón de 40 años.\n"),
        ("Varón", "", True, "Varón"),
        ("", "Nombre: Ana", True, "Nombre: Ana"),
        ("Varón", " con fiebre. Ingresa con do", False, "Varón con fiebre."),
        ("Varón", " con fiebre\nNombre: An", False, "Varón con fiebre\n"),
        ("Varón", " con 3.5 de fiebre", False, "Varón con 3.5 de fiebre"),
        ("Sr.", " Ernesto Riv", False, "Sr. Ernesto Riv"),
    ],
)
def test_the_text_of_a_note(prefix, written, finished, expected):
    assert note_text(prefix, Completion(written, finished, tokens=1)) == expected


@given(st.text(), st.text(), st.booleans())
def test_a_note_is_a_beginning_of_what_was_written_and_all_of_it_if_it_was_finished(prefix, written, finished):
    text = note_text(prefix, Completion(written, finished, tokens=1))
    assert (prefix + written).startswith(text)
    assert len(text) >= len(prefix)
    assert text == prefix + written or not finished


@pytest.mark.slow
def test_spacy_finds_models_and_task_without_an_import_of_ours_and_loads_no_weights():
    code = """
import spacy_llm, spacy, sys
spacy.registry.get("llm_models", "deid.VLLM.v1")
spacy.registry.get("llm_tasks", "deid.Note.v1")
model = spacy.registry.get("llm_models", "deid.CausalLM.v1")("no/such/model")
print("vllm" in sys.modules, "peft" in sys.modules, model._engine)
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False", "None"]


@pytest.mark.slow
def test_the_filter_brings_no_heavy_library_to_spacy_blank():
    heavy = "{'transformers', 'peft', 'datasketch', 'spacy_llm'}"  # torch comes with spaCy itself where it is installed
    code = f"import sys, spacy_deid.generate.filters; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


@pytest.mark.parametrize("make", [make_causal_lm, make_vllm])
@pytest.mark.parametrize(
    ("settings", "message"), [({"top_p": 2.0}, r"top_p is 2\.0"), ({"max_tokens": 0}, "max_tokens is 0")]
)
def test_bad_settings_are_named_before_anything_is_loaded(make, settings, message):
    with pytest.raises(DeidError, match=message):
        make("no/such/model", **settings)


def test_batch_size_and_memory_out_of_range_are_named():
    with pytest.raises(DeidError, match="batch_size is 0"):
        make_causal_lm("model", batch_size=0)
    with pytest.raises(DeidError, match="memory is 0"):
        make_vllm("model", memory=0)


def test_more_tokens_than_the_model_has_positions_are_refused(lm):
    with pytest.raises(DeidError, match=r"max_tokens is 512.* 512 positions.*Remedy"):
        make_causal_lm(str(lm), max_tokens=512)([[Prompt("", seed=0)]])


@pytest.mark.parametrize("dtype", ["auto", "float32", "bfloat16"])
def test_the_weights_may_be_of_any_type(lm, dtype):
    ((completion,),) = make_causal_lm(str(lm), dtype=dtype, max_tokens=3)([[Prompt("", seed=0)]])
    assert 0 < completion.tokens <= 3


def save_annotator(folder: Path) -> None:
    nlp = fine_blank("es")
    width = {"width": 8, "depth": 1, "embed_size": 50, "window_size": 1, "maxout_pieces": 2}
    encoder = {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "subword_features": True}
    nlp.add_pipe("tok2vec", config={"model": {**encoder, **width}})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 8, "upstream": "*"}
    nlp.add_pipe("ner", config={"model": {"tok2vec": listener, "hidden_width": 8}})
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge")
    example = Example.from_dict(nlp.make_doc("Nombre: Ana"), {"entities": [(8, 11, "NAME")]})
    nlp.initialize(lambda: [example])
    nlp.to_disk(folder)


@pytest.fixture(scope="module")
def assemble(lm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("assembled")
    save_annotator(folder / "annotator")
    write([spacy.blank("es").make_doc("Una nota de referencia")], folder / "train.spacy")

    def run(*overrides: str) -> Path:
        from spacy.cli._util import app

        output = folder / f"generator{len(list(folder.iterdir()))}"
        paths = {"annotator": folder / "annotator", "model": lm, "reference": folder / "train.spacy"}
        options = [part for name, path in paths.items() for part in (f"--paths.{name}", str(path))]
        arguments = ["assemble", str(CONFIGS / "quick" / "generator.cfg"), str(output), *options]
        result = CliRunner().invoke(app, [*arguments, "--paths.adapter", "null", *overrides])
        assert result.exit_code == 0, result.output
        return output

    return run


@pytest.mark.parametrize("engine", ["fast", "transformers"])
def test_the_quick_config_assembles_and_writes_annotated_notes(assemble, engine, seeds, tmp_path):
    output = assemble(
        "--components.llm.model.engine",
        engine,
        *("--components.llm.model.max_tokens", "30"),
        *("--components.deid_filter.min_chars", "1", "--components.deid_filter.min_entities", "0"),
        *("--components.deid_filter.max_repetition", "1.0"),
    )
    assert not list(output.rglob("*.safetensors"))
    summary = generate(output, seeds, tmp_path / "out", quiet=True)
    assert summary.notes == 3 == summary.train + summary.dev
    assert 0 < summary.tokens <= 90
    notes = list(read_docs(tmp_path / "out" / "train.spacy", Vocab()))
    assert all(note.has_annotation("ENT_IOB") for note in notes)


def test_an_absent_model_is_named_and_nothing_is_begun(assemble, seeds, tmp_path):
    output = assemble("--paths.model", str(tmp_path / "absent"))
    with pytest.raises(DeidError, match="absent"):
        generate(output, seeds, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_an_absent_adapter_is_named_and_nothing_is_begun(assemble, seeds, tmp_path):
    output = assemble("--components.llm.model.adapter", str(tmp_path / "absent"))
    with pytest.raises(DeidError, match="absent"):
        generate(output, seeds, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_the_full_config_differs_in_engine_and_annotator_alone():
    quick, full = (spacy.util.load_config(CONFIGS / profile / "generator.cfg") for profile in ("quick", "full"))
    for config in (quick, full):
        for name in ("tok2vec", "transformer"):
            config["components"].pop(name, None)
        for name in ("engine", "device", "dtype", "batch_size", "max_tokens"):
            config["components"]["llm"]["model"].pop(name)
        config["nlp"].pop("pipeline")
    assert quick == full


def test_the_ensembles_config_differs_in_the_annotator_and_its_agreement_alone():
    usual, ensemble = (spacy.util.load_config(CONFIGS / "quick" / f"{name}.cfg") for name in NAMES)
    assert usual["nlp"].pop("pipeline").index("tok2vec") == 1
    assert "tok2vec" not in ensemble["nlp"].pop("pipeline")
    usual["components"].pop("tok2vec")
    assert ensemble["components"]["deid_filter"].pop("min_agreement") == 0.6
    for config in (usual, ensemble):
        config["paths"].pop("annotator")
    assert usual == ensemble
