"""The component ``deid_redact``: the text of a Doc without its entities."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.util import minibatch

from spacy_deid import extensions as _extensions  # noqa: F401  registers deid_id and deid_group
from spacy_deid.annotate.placeholders import is_placeholder
from spacy_deid.errors import DeidError
from spacy_deid.offsets import Replacement
from spacy_deid.pipelines import REDACT
from spacy_deid.redact.policy import Policy, policy_of, read_policy
from spacy_deid.redact.secrets import read_key
from spacy_deid.redact.vault import Vault, open_vault
from spacy_deid.surrogates.identifier import Identifier, Scope, identifiers_of

ScopeKind = Literal["document", "patient", "project"]
_FINGERPRINT = 16  # hexadecimal digits


@Language.factory(
    REDACT,
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

    Args:
        nlp: The pipeline.
        name: The component's name.
        policy: A policy of the package, or a file, see `read_policy`. None for the policy that ``mode`` names.
        mode: The mode of all categories; for "mask", "index" and "surrogate" the policy of that name.
        key: The file of the key, see `read_key`. The key itself is never written with the pipeline. Without a key
            here or in the environment, each loaded pipeline makes its own, and no two pipelines agree.
        scope: The scope within which a value always has the same replacement, see `DeidRedact`.
        lang: The code of a language pack. None for the pipeline's language.
        vault: The file that keeps the originals, see `Vault`. It is made with the first document.
        vault_passphrase: The file of the vault's passphrase. None for the environment's SPACY_DEID_PASSPHRASE.

    Returns:
        The component.

    Raises:
        DeidError: For a policy, key or passphrase that is missing or wrong.
    """
    chosen = policy_of(mode) if policy is None else read_policy(policy)
    kept = None if vault is None else open_vault(vault, vault_passphrase)
    return DeidRedact(name, policy=chosen, key=read_key(key), scope=scope, lang=lang or str(nlp.lang), vault=kept)


class DeidRedact(Pipe):
    """Writes ``doc._.deid_replacements``, from which ``doc._.deid_text`` and ``doc._.deid_offsets`` follow.

    The replacements are a list of `Replacement` in the order of the text, or of plain tuples in a Doc from a file.

    Every entity is replaced, even with an unknown label, except those that the policy keeps and placeholders
    (``[NAME_1]``), so that redacted text stays unchanged. The Doc itself still contains the untouched text: share
    ``doc._.deid_text`` and nothing else.

    scope: "document" (``doc._.deid_id``, or the text where it is empty), "patient" (``doc._.deid_group``, else
    ``doc._.deid_id``; a Doc without both is a DeidError) or "project" (all that is processed with this key).
    vault: receives every Doc before it is returned.
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

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digits that differ between keys and do not reveal the key."""
        return hmac.digest(self._key, b"fingerprint", hashlib.sha256).hex()[:_FINGERPRINT]

    def __call__(self, doc: Doc) -> Doc:
        """Redact one Doc."""
        self._redact(doc)
        if self.vault is not None:
            self.vault.add([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Redact Docs; the vault receives them in batches, each as fast as a single Doc.

        A Doc that cannot be redacted goes to the pipeline's error handler.
        """
        handle: Any = self.get_error_handler()
        for docs in minibatch(stream, batch_size):
            done: list[Doc] = []
            for doc in docs:
                try:
                    self._redact(doc)
                    done.append(doc)
                except Exception as error:  # of any kind: the handler raises it unless the pipeline has its own
                    handle(self.name, self, [doc], error)
            if self.vault is not None:
                self.vault.add(done)
            yield from done

    def _redact(self, doc: Doc) -> None:
        scope = Scope(self._key, self._scope_id(doc), self.lang)
        by_mode: dict[str, list[Identifier]] = {mode: [] for mode in self._replacers}
        for identifier in identifiers_of(doc):
            if is_placeholder(identifier.text):
                continue  # was redacted before and stays as it is
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
