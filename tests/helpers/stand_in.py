"""A generator pipeline without a language model: notes are drawn from a word list, by the sample's seed."""

import os
import random
from pathlib import Path

from spacy_llm.registry import registry

from spacy_deid.corpus.formats.docbin import write
from spacy_deid.generate.engines.protocol import Completion, Sampling
from spacy_deid.generate.llm_models import NoteModel
from spacy_deid.generate.seeds import make_seeds
from spacy_deid.lang.tokenization import fine_blank

WORDS = [f"palabra{number}" for number in range(100)]
PATIENT = "Ernesto Rivera Bueno"
CALLS = "STAND_IN_CALLS"  # file that gets one line of seeds a call


class StandIn:
    def generate(self, prompts, sampling, on_progress=None):
        if CALLS in os.environ:
            with Path(os.environ[CALLS]).open("a") as calls:
                calls.write(" ".join(str(prompt.seed) for prompt in prompts) + "\n")
        return [self.write(prompt, on_progress) for prompt in prompts]

    def write(self, prompt, on_progress):
        draw = random.Random(prompt.seed)
        text = f" {PATIENT} " + " ".join(draw.choices(WORDS, k=60)) + ".\n"
        if on_progress:
            on_progress(60, 1)
        return Completion(text, finished=True, tokens=60)


@registry.llm_models("test.StandIn.v1")
def make_stand_in():
    return NoteModel(StandIn, Sampling(), directories=list)


def save_pipeline(folder: Path, **filter_settings) -> Path:
    nlp = fine_blank("es")
    task = {"@llm_tasks": "deid.Note.v1", "tokenizer": {"@tokenizers": "deid.FineTokenizer.v1"}}
    nlp.add_pipe("llm", config={"task": task, "model": {"@llm_models": "test.StandIn.v1"}})
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "NOMBRE_SUJETO_ASISTENCIA", "pattern": [{"ORTH": word} for word in PATIENT.split()]}])
    nlp.add_pipe("deid_filter", config=filter_settings)
    nlp.to_disk(folder)
    return folder


def save_seeds(path: Path, notes: int, samples: int = 1) -> Path:
    nlp = fine_blank("es")
    held_out = [nlp.make_doc(f"Informe número {number} de alta") for number in range(notes)]
    for doc in held_out:
        doc._.deid_gold = []
    write(make_seeds(held_out, words=3, samples=samples), path)
    return path
