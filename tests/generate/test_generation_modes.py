"""The three modes in all parts: adaptation, seeds, the task, the merge of the model's marks, and the filters."""

import random

import pytest
import spacy
from decoders import save_gemma
from spacy.tokens import DocBin
from spacy_llm.registry import registry
from typer.testing import CliRunner

from spacy_deid.cli import app
from spacy_deid.corpus.formats.docbin import read_docs, write
from spacy_deid.errors import DeidError
from spacy_deid.generate.adapt.data import read_texts
from spacy_deid.generate.engines.protocol import Completion, Sampling
from spacy_deid.generate.llm_models import NoteModel
from spacy_deid.generate.run import generate
from spacy_deid.generate.seeds import make_seeds
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.markup import parse

NOTES = [
    "Nombre: <NAME>Ernesto</NAME> ingresa el <DATE>12/10/2017</DATE>.",
    "Informe de alta de <NAME>Yurena Valdez</NAME>, vista por la Dra. <NAME>Rocío Gavira</NAME>. Valdez duerme bien.",
]
VALUES = ["Ernesto", "12/10/2017", "Yurena", "Valdez", "Rocío", "Gavira"]
WORDS = [f"palabra{number}" for number in range(100)]
# what the language model writes after its prompt; Zyrkan is a name that it wrote without a slot
WRITTEN = {
    "slots": " {doctor.full}; Zyrkan el {date.iso}, teléfono {phone.mobile}",
    "inline": " <NAME>Pilar Gil</NAME>; Zyrkan",
    "malformed": " {dottor.ful}; Zyrkan",
    "unclosed": " {doctor.full; Zyrkan",
}


def corpus():
    nlp = fine_blank("es")
    docs = []
    for number, content in enumerate(NOTES):
        text, spans = parse(content)
        doc = nlp.make_doc(text)
        doc.set_ents([doc.char_span(*span[:2], label=span.label) for span in spans])
        doc._.deid_id, doc._.deid_gold = f"n{number}", [list(span) for span in spans]
        docs.append(doc)
    return docs


@pytest.fixture(scope="module")
def train(tmp_path_factory):
    path = tmp_path_factory.mktemp("corpus") / "train.spacy"
    write(corpus(), path)
    return path


class Writer:
    def __init__(self, text):
        self.text = text

    def generate(self, prompts, sampling, on_progress=None):
        draw = [random.Random(prompt.seed).choices(WORDS, k=60) for prompt in prompts]
        return [Completion(f"{self.text} {' '.join(words)}.", finished=True, tokens=60) for words in draw]


@registry.llm_models("test.Writer.v1")
def make_writer(text: str):
    return NoteModel(lambda: Writer(text), Sampling(), directories=list)


def make_pipeline(text, model=None, **merge):
    nlp = fine_blank("es")
    task = {"@llm_tasks": "deid.Note.v1", "tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}
    nlp.add_pipe("llm", config={"task": task, "model": model or {"@llm_models": "test.Writer.v1", "text": text}})
    ruler = nlp.add_pipe("entity_ruler")  # the annotator
    nlp.add_pipe("deid_rules")
    nlp.add_pipe("deid_merge", config=merge)
    nlp.add_pipe("deid_filter", config={"min_chars": 10})
    nlp.initialize()
    ruler.add_patterns([{"label": "NAME", "pattern": [{"ORTH": "Zyrkan"}]}])
    return nlp


def notes_of(nlp, mode):
    seeds = make_seeds(corpus(), words=2, samples=2, mode=mode, lang="es")
    return list(nlp.pipe(DocBin(docs=seeds, store_user_data=True).get_docs(nlp.vocab)))


def found(note):
    return [(ent.label_, ent._.deid_source) for ent in note.ents]


@pytest.mark.parametrize("mode", ["slots"])
def test_the_adapter_never_sees_an_identifier_that_the_gold_marks(train, mode):
    texts = read_texts(train, mode, "es")
    assert texts == [
        "Nombre: {patient.first} ingresa el {date.numeric}.",
        "Informe de alta de {patient.full}, vista por la Dra. {doctor.full}. {patient.last} duerme bien.",
    ]
    assert not any(value in text for value in VALUES for text in texts)


@pytest.mark.parametrize("words", [1, 3, 50])
def test_no_seed_holds_an_identifier_in_any_mode(words):
    for mode in ("prefix", "slots", "inline"):
        seeds = list(make_seeds(corpus(), words=words, samples=1, mode=mode, lang="es"))
        assert not any(value in seed.text for value in VALUES for seed in seeds)
        assert {seed._.deid_meta["mode"] for seed in seeds} == {mode}


def test_slots_are_filled_marked_and_left_to_the_merge():
    nlp = make_pipeline(WRITTEN["slots"])
    (note, *_) = notes_of(nlp, "slots")
    assert note.text.startswith("Nombre: ") and "{" not in note.text
    assert found(note) == [
        ("NAME", "slot"),  # the slot of the prompt
        ("NAME", "slot"),
        ("NAME", "model"),  # what the slots missed
        ("DATE", "slot"),
        ("PHONE", "slot"),
    ]
    assert note._.deid_meta["repaired"] == note._.deid_meta["malformed"] == 0
    assert [span.label_ for span in note.spans["deid_written"]] == [
        ent.label_ for ent in note.ents if ent._.deid_source == "slot"
    ]


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["written"], {"slot"}),
        (["model", "rules"], {"model", "rule"}),
        (["written", "model", "rules"], {"slot", "model"}),
    ],
)
def test_who_marks_the_note_is_a_setting(sources, expected):
    nlp = make_pipeline(WRITTEN["slots"], sources=sources, propagate=False)
    (note, *_) = notes_of(nlp, "slots")
    assert {source.partition(":")[0] for _, source in found(note)} == expected


@pytest.mark.parametrize("sources", [[], ["slot"]])
def test_a_source_that_there_is_not_is_named(sources):
    with pytest.raises(DeidError, match=r"deid_merge: sources are .*written, model, llm, rules"):
        make_pipeline("", sources=sources)


def test_inline_tags_are_marked_too():
    (note, *_) = notes_of(make_pipeline(WRITTEN["inline"]), "inline")
    assert found(note) == [("NAME", "inline"), ("NAME", "model")]
    assert "Pilar Gil; Zyrkan" in note.text


def test_a_saved_pipeline_writes_the_same_notes(tmp_path):
    nlp = make_pipeline(WRITTEN["slots"], sources=["written"])
    (note, *_) = notes_of(nlp, "slots")
    assert found(note) == [("NAME", "slot"), ("NAME", "slot"), ("DATE", "slot"), ("PHONE", "slot")]
    nlp.to_disk(tmp_path / "pipeline")
    (again, *_) = notes_of(spacy.load(tmp_path / "pipeline"), "slots")
    assert (again.text, found(again)) == (note.text, found(note))


@pytest.mark.parametrize(("text", "repaired", "accepted"), [("malformed", 0, 0), ("unclosed", 4, 4), ("slots", 0, 4)])
def test_malformed_slots_reject_their_note_and_repaired_ones_are_counted(tmp_path, text, repaired, accepted):
    make_pipeline(WRITTEN[text]).to_disk(tmp_path / "pipeline")
    write(make_seeds(corpus(), words=2, samples=2, mode="slots", lang="es"), tmp_path / "seeds.spacy")
    if not accepted:
        with pytest.raises(DeidError, match="malformed_marks: 4"):
            generate(tmp_path / "pipeline", tmp_path / "seeds.spacy", tmp_path / "out", quiet=True)
        return
    summary = generate(tmp_path / "pipeline", tmp_path / "seeds.spacy", tmp_path / "out", quiet=True)
    assert (summary.train + summary.dev, summary.repaired) == (accepted, repaired)


def test_seeds_of_another_mode_than_the_adapter_s_are_refused(train, tmp_path):
    base = save_gemma(tmp_path / "base")
    options = ["--paths.train", str(train), "--paths.dev", str(train), "--paths.model", str(base)]
    options += ["--training.block_size", "8", "--training.max_steps", "3", "--training.dtype", "float32"]
    arguments = ["adapt", "configs/quick/adapt.cfg", str(tmp_path / "adapter"), "--corpus.mode", "slots", *options]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    model = {"@llm_models": "deid.CausalLM.v1", "name": str(base), "adapter": str(tmp_path / "adapter")}
    make_pipeline("", model).to_disk(tmp_path / "pipeline")
    write(make_seeds(corpus(), words=2, samples=2), tmp_path / "seeds.spacy")
    with pytest.raises(DeidError, match="adapted to the mode 'slots'.*'prefix'"):
        generate(tmp_path / "pipeline", tmp_path / "seeds.spacy", tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()


def test_seeds_of_any_mode_by_the_command(train, tmp_path):
    arguments = ["seed", str(train), str(tmp_path / "seeds.spacy"), "--mode", "slots", "--lang", "es", "--samples", "1"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    vocab = spacy.blank("es").vocab
    texts = [doc.text for doc in read_docs(tmp_path / "seeds.spacy", vocab)]
    assert texts == ["Nombre: {patient.first} ingresa", "Informe de alta"]
    assert "cannot keep identifiers" in CliRunner().invoke(app, [*arguments, "--keep-identifiers"]).output
