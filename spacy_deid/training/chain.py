"""Several callbacks in a place of the config that takes one."""

from collections.abc import Callable

from spacy.language import Language

NlpCallback = Callable[[Language], Language]


def make_chain(*callbacks: NlpCallback) -> NlpCallback:
    """Return the callback ``deid.Chain.v1``: ``callbacks``, from first to last, each on what the one before returned.

    In a config they stand in blocks such as ``[initialize.before_init.*.first]``, and run in their order there.
    """

    def chain(nlp: Language) -> Language:
        for callback in callbacks:
            nlp = callback(nlp)
        return nlp

    return chain
