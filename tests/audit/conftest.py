"""Invented notes: each has common phrases, words of its own, and one person, whose identifiers are marked."""

import random

import pytest
import spacy

from spacy_deid.corpus.formats.docbin import write

SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "la",
    "me",
    "ni",
    "po",
    "ru",
    "sa",
    "te",
    "vi",
    "xo",
    "zu",
    "quin",
    "tor",
    "mel",
    "bra",
]
PHRASES = [
    "el paciente refiere dolor de varios días de evolución sin fiebre",
    "en la exploración se aprecia buen estado general y de la piel",
    "se solicita una analítica de sangre con resultado normal en el servicio",
    "la paciente acude a la consulta de revisión y se encuentra mejor",
    "se pauta tratamiento por vía oral y control en el centro de salud",
]
TOWNS = ("Madrid", "Getafe", "Vic", "Reus")
NLP = spacy.blank("es")


def word(rng):
    return "".join(rng.choices(SYLLABLES, k=rng.randint(3, 4)))


class MadeNote:
    """A note about a person of whom name, number, date and town are marked."""

    def __init__(self, seed, person=None):
        rng = random.Random(seed)
        self.id = f"n{seed}"
        self.person = person or [
            ("NAME", f"{word(rng).title()} {word(rng).title()}"),
            ("ID", str(rng.randrange(10**7, 10**8))),
            ("DATE", f"{rng.randint(1, 28)}/{rng.randint(1, 12)}/{rng.randint(1990, 2020)}"),
            ("LOCATION", rng.choice(TOWNS)),
        ]
        sentences = [f"{rng.choice(PHRASES)} {word(rng)} {word(rng)}" for _ in range(6)]
        self.body = ". ".join(sentences)

    def doc(self):
        text, gold = "", []
        for label, value in self.person:
            text += f"{label}: "
            gold.append([len(text), len(text) + len(value), label])
            text += f"{value}\n"
        doc = NLP.make_doc(text + self.body)
        doc._.deid_id = doc._.deid_group = self.id
        doc._.deid_gold = gold
        return doc


@pytest.fixture(scope="session")
def members():
    return [MadeNote(seed) for seed in range(60)]


@pytest.fixture(scope="session")
def heldout():
    return [MadeNote(seed) for seed in range(100, 200)]


@pytest.fixture(scope="session")
def strangers():
    """Notes of the same kind about other persons, as from a model that memorised nobody."""
    return [MadeNote(seed) for seed in range(200, 300)]


@pytest.fixture
def made_note():
    return MadeNote


@pytest.fixture
def save(tmp_path):
    """Write notes to a file of that name."""

    def save(notes, name):
        write([note.doc() for note in notes], tmp_path / f"{name}.spacy")
        return tmp_path / f"{name}.spacy"

    return save


@pytest.fixture
def inputs(save, members, heldout):
    """The synthetic notes given, and the members and held-out notes, as files."""

    def inputs(synthetic):
        return save(synthetic, "synthetic"), save(members, "members"), save(heldout, "heldout")

    return inputs
