"""The settings of `apply`, and the redactor that they configure."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from spacy.language import Language

from spacy_deid.apply.formats.csv_dialect import QUOTINGS, Quoting
from spacy_deid.apply.formats.encoding import known_encoding
from spacy_deid.apply.formats.rows import RowSettings
from spacy_deid.apply.redactor import Redactor
from spacy_deid.errors import DeidError
from spacy_deid.files import sha256_tree
from spacy_deid.labels import categories, known_labels, shown_label
from spacy_deid.pipelines import REDACT, at_operating_point, load_pipeline, operating_point_of
from spacy_deid.redact.component import DeidRedact, ScopeKind
from spacy_deid.redact.policy import Policy, read_policy
from spacy_deid.redact.secrets import KEY, read_key


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of `apply`.

    A column "a.b" is the field b within the field a.

    Attributes:
        policy: A policy of the package, or a file. None for the policy of the pipeline's deid_redact, else "mask".
        key: The file of the key, see `spacy_deid.redact.secrets.read_key`.
        scope: The scope of deid_redact. None for the scope of the pipeline's deid_redact, else "document".
        columns: The columns of tables that hold text.
        id_column: The column of tables that holds the document's id.
        patient_column: The column of tables that names the patient. In a folder, each file's folder is its patient.
        processes: The number of processes, from 1 on.
        neutral_names: Whether all outputs in a folder get neutral names, not only those whose name holds a redacted
            value.
        identifiers: The columns of tables whose cells are identifiers as a whole, each with its label of labels.toml.
            They are redacted like the same values in the text.
        encoding: The encoding of text files and tables. "" for UTF-8.
        quoting: The quoting of CSV, see `spacy_deid.apply.formats.csv_dialect.Dialect`.
        operating_point: The operating point of the pipeline's deid_merge: a name, or a character recall as text. "" for
            the one that the pipeline has.
    """

    policy: str | None = None
    key: str | None = None
    scope: ScopeKind | None = None
    columns: tuple[str, ...] = ("text",)
    id_column: str = ""
    patient_column: str = ""
    processes: int = 1
    neutral_names: bool = False
    identifiers: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    quoting: Quoting = "auto"
    operating_point: str = ""

    @property
    def rows(self) -> RowSettings:
        """The settings that the formats need; DeidError for an unknown label, quoting or encoding."""
        for column, label in self.identifiers.items():
            if label not in known_labels():
                raise DeidError(
                    f"The label {shown_label(label)} of the column {column!r} is not in labels.toml. "
                    f"Remedy: {', '.join(categories())}."
                )
        if self.quoting not in QUOTINGS:
            raise DeidError(f"quoting is {self.quoting!r}. Remedy: {', '.join(QUOTINGS)}.")
        encoding = known_encoding(self.encoding) if self.encoding else ""
        identifiers = tuple(self.identifiers.items())
        return RowSettings(self.columns, self.id_column, self.patient_column, identifiers, encoding, self.quoting)


def identifier_columns(options: Sequence[str]) -> dict[str, str]:
    """Return the labels by column of options such as "surname=NAME"; DeidError for one without a label."""
    pairs = [option.rpartition("=") for option in options]
    if not all(column and label for column, _, label in pairs):
        msg = "An identifier column is named without its label. Remedy: --identifier-column surname=NAME."
        raise DeidError(msg)
    return {column: label for column, _, label in pairs}


@contextmanager
def redactor(model: str | Path | Language, settings: Settings) -> Iterator[Redactor]:
    """Give a redactor with the settings' policy; the pipeline's own deid_redact is disabled meanwhile.

    Raises DeidError for a pipeline that does not exist, and for settings that contradict each other.
    """
    if settings.processes < 1:
        raise DeidError(f"processes is {settings.processes}; it must be at least 1.")
    nlp = model if isinstance(model, Language) else load_pipeline(model)
    own = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory == REDACT]
    redact = _component(nlp, own[0] if own else None, settings)
    with nlp.select_pipes(disable=own), at_operating_point(nlp, settings.operating_point):
        yield Redactor(nlp, redact)


def _component(nlp: Language, own: str | None, settings: Settings) -> DeidRedact:
    policy, scope, lang, key = read_policy(settings.policy or "mask"), settings.scope, str(nlp.lang), settings.key
    if own is not None:
        component: Any = nlp.get_pipe(own)
        if component.vault is not None:
            msg = (
                "The pipeline's deid_redact has a vault, which apply does not fill. Remedy: set its vault to null in "
                "the pipeline's config.cfg, or redact with the pipeline itself."
            )
            raise DeidError(msg)
        policy = policy if settings.policy else component.policy
        scope, lang = scope or component.scope, component.lang
        key = key or nlp.get_pipe_config(own).get("key")
    if scope not in (None, "document") and not _has_key(key):
        raise DeidError(
            f"scope is {scope!r}, but there is no key, so a later run would give other replacements. "
            f"Remedy: name a key file by --key, or set {KEY}."
        )
    return DeidRedact(REDACT, policy=policy, key=read_key(key), scope=scope or "document", lang=lang)


def _has_key(key: str | None) -> bool:
    return key is not None or KEY in os.environ


def described(redactor: Redactor, settings: Settings) -> dict[str, Any]:
    """Return everything that determines the outputs, for the manifest.

    A key is represented by its fingerprint, or by null if each run makes its own.
    """
    nlp, redact = redactor.nlp, redactor.redact
    point = operating_point_of(nlp)
    return {
        "model": {
            "name": f"{nlp.meta['lang']}_{nlp.meta['name']}",
            "version": nlp.meta["version"],
            "sha256": _digest(nlp),
        },
        **({} if point is None else {"operating_point": point}),
        "policy": _shown(redact.policy),
        "scope": redact.scope,
        "key": _fingerprint(redact, nlp, settings),
        "columns": list(settings.columns),
        "id_column": settings.id_column,
        "patient_column": settings.patient_column,
        "identifier_columns": dict(settings.identifiers),
        "encoding": settings.rows.encoding or "utf-8",
        "quoting": settings.quoting,
        "neutral_names": settings.neutral_names,
        "versions": {name: version(name) for name in ("spacy-deid", "spacy")},
    }


def _shown(policy: Policy) -> dict[str, Any]:
    return {**asdict(policy), "name": Path(policy.name).name}


def _fingerprint(redact: DeidRedact, nlp: Language, settings: Settings) -> str | None:
    names = [name for name in nlp.component_names if nlp.get_pipe_meta(name).factory == REDACT]
    keys = [settings.key, *(nlp.get_pipe_config(name).get("key") for name in names)]
    if not any(map(_has_key, keys)):
        return None
    return redact.fingerprint


def _digest(nlp: Language) -> str:
    """Return a hash of the pipeline's files, or of its config if it was made in memory."""
    if nlp.path is None:
        return hashlib.sha256(json.dumps(nlp.config, sort_keys=True, default=str).encode("utf8")).hexdigest()
    return sha256_tree((path for path in nlp.path.rglob("*") if path.is_file()), nlp.path)
