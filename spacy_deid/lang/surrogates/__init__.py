from spacy_deid.lang.surrogates.cast import Cast
from spacy_deid.lang.surrogates.source import all_names
from spacy_deid.lang.surrogates.tables import slots_of, stems_before, words_of

__all__ = ["Cast", "all_names", "slots_of", "stems_before", "words_of"]
