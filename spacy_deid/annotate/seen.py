"""What a model finds in a text as people see it, where other spaces than the ordinary one stand between the words."""

import re
from itertools import takewhile

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.util import filter_spans

from spacy_deid.annotate.ranges import TokenRanges
from spacy_deid.extensions import sourced_span
from spacy_deid.text import View

# A token of its own for spaCy, beside which a model sees no word.
_OTHER_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def read_as_seen(doc: Doc, view: View, *, nlp: Language, before: Pipe) -> None:
    """Let ``doc.ents`` be what the components before ``before`` find in the view of its text.

    An entity of the Doc that touches none of these stays. Nothing changes where all spaces are ordinary ones.
    """
    if _OTHER_SPACE.search(doc.text) is None:
        return
    seen = nlp.tokenizer(view.text)
    for _, component in takewhile(lambda named: named[1] is not before, nlp.pipeline):
        seen = component(seen)
    tokens = TokenRanges(doc)
    places = [(ent, tokens.expanded(*view.original(ent.start_char, ent.end_char))) for ent in seen.ents]
    found = [sourced_span(doc, *place, ent.label_, ent.id_, ent._.deid_score) for ent, place in places if place]
    taken = {token for span in found for token in range(span.start, span.end)}
    doc.set_ents([*filter_spans(found), *(ent for ent in doc.ents if taken.isdisjoint(range(ent.start, ent.end)))])
