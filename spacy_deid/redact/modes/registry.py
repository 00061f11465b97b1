"""The modes by name. A mode is a frozen dataclass whose fields are its settings; it is a `Replacer`."""

from spacy_deid.redact.modes.band import Band
from spacy_deid.redact.modes.generalise import Generalise
from spacy_deid.redact.modes.index import Index
from spacy_deid.redact.modes.shift import Shift
from spacy_deid.redact.modes.simple import Hash, Keep, Mask
from spacy_deid.redact.modes.surrogate import Surrogate

MODES: dict[str, type] = {
    "keep": Keep,
    "mask": Mask,
    "index": Index,
    "hash": Hash,
    "surrogate": Surrogate,
    "shift": Shift,
    "band": Band,
    "generalise": Generalise,
}
