"""The component ``deid_redact``: the text of a Doc without its entities."""

import hashlib
from typing import Literal

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc

from spacy_deid import extensions as _extensions  # noqa: F401  registers deid_id and deid_group
from spacy_deid.annotate.placeholders import is_placeholder
from spacy_deid.errors import DeidError
from spacy_deid.redact.key import read_key
from spacy_deid.redact.offsets import Replacement
from spacy_deid.redact.policy import Policy, policy_of, read_policy
from spacy_deid.redact.vault import Vault, open_vault
from spacy_deid.surrogates.identifier import Identifier, Scope, identifiers_of

ScopeKind = Literal["document", "patient", "project"]


@Language.factory(
    "deid_redact",
    requires=["doc.ents"],
    assigns=["doc._.deid_replacements", "doc._.deid_text", "doc._.deid_offsets"],
    default_config={
        "policy": None,
        "mode": "mask",
        "key": None,
        "scope": "document",
        "lang": None,
        "vault": None,
        "vault_passphrase": None,
    },
)
def make_redact(
    nlp: Language,
    name: str,
    policy: str | None,
    mode: str,
    key: str | None,
    scope: ScopeKind,
    lang: str | None,
    vault: str | None,
    vault_passphrase: str | None,
) -> "DeidRedact":
    """Make the component.

    policy: a policy that comes with the package, or a file, see `read_policy`; None for what ``mode`` names.
    mode: a mode for all categories, or for "mask", "index" and "surrogate" the policies of that name.
    key: a file, see `read_key`. The key itself is never written with the pipeline; where neither ``key`` nor the
    environment gives one, each loaded pipeline makes its own, so that nothing it replaces agrees with another's.
    scope: what a value has the same replacement in; see `DeidRedact`. lang: a folder of spacy_deid/lang, that of the
    pipeline's language where it is None.
    vault: a file that gets the originals, see `Vault`; made with the first document. vault_passphrase: a file with its
    passphrase, the environment's SPACY_DEID_PASSPHRASE where it is None.
    """
    chosen = policy_of(mode) if policy is None else read_policy(policy)
    kept = None if vault is None else open_vault(vault, vault_passphrase)
    return DeidRedact(name, policy=chosen, key=read_key(key), scope=scope, lang=lang or str(nlp.lang), vault=kept)


class DeidRedact(Pipe):
    """Writes ``doc._.deid_replacements``, from which ``doc._.deid_text`` and ``doc._.deid_offsets`` follow.

    The replacements are a list of `Replacement` in the order of the text, of plain tuples once it has been in a file.

    Every entity is replaced, an unknown label's too, save those that the policy keeps and placeholders (``[NAME_1]``):
    what was redacted before stays as it is. The Doc itself still holds the untouched text: give ``doc._.deid_text``
    away and nothing else.

    scope: "document" (``doc._.deid_id``, or the text where it is empty), "patient" (``doc._.deid_group``, else
    ``doc._.deid_id``; a Doc without both is a DeidError) or "project" (all that is processed with this key).
    vault: has every Doc by the time it is returned.
    """

    def __init__(
        self, name: str, *, policy: Policy, key: bytes, scope: ScopeKind, lang: str, vault: Vault | None = None
    ) -> None:
        self.name = name
        self.policy = policy
        self.scope = scope
        self.lang = lang
        self.vault = vault
        self._key = key
        self._replacers = policy.replacers()

    def __call__(self, doc: Doc) -> Doc:
        """Redact one Doc."""
        scope = Scope(self._key, self._scope_id(doc), self.lang)
        by_mode: dict[str, list[Identifier]] = {mode: [] for mode in self._replacers}
        for identifier in identifiers_of(doc):
            if is_placeholder(identifier.text):
                continue  # redacted before: to redact again changes nothing
            by_mode[self.policy.mode(identifier.label)].append(identifier)
        replacements: list[Replacement] = []
        for mode, replacer in self._replacers.items():
            identifiers = by_mode[mode]
            if identifiers and mode != "keep":
                texts = replacer(identifiers, doc, scope)
                replacements += [
                    Replacement(each.start, each.end, text, each.label, mode)
                    for each, text in zip(identifiers, texts, strict=True)
                ]
        doc._.deid_replacements = sorted(replacements)
        if self.vault is not None:
            self.vault.add([doc])
        return doc

    def _scope_id(self, doc: Doc) -> str:
        if self.scope == "project":
            return "project"
        if self.scope == "patient":
            patient = doc._.deid_group or doc._.deid_id
            if not patient:
                msg = (
                    "deid_redact has scope = 'patient', but a document names no patient. "
                    "Remedy: set doc._.deid_group or doc._.deid_id before the pipeline runs."
                )
                raise DeidError(msg)
            return f"patient {patient}"
        text = doc.text.encode("utf8", "surrogatepass")
        return f"document {doc._.deid_id or hashlib.sha256(text).hexdigest()}"
