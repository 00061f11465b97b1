from spacy_deid.lang.surrogates.tables import slots_of, words_of

__all__ = ["slots_of", "words_of"]
