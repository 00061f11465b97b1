"""`deid vault restore|purge|rotate`: the originals of redacted documents."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spacy_deid.cli.app import Quiet, app, msg, reported_errors
from spacy_deid.errors import DeidError

if TYPE_CHECKING:
    from spacy_deid.redact.vault import Vault

vault_app = typer.Typer(
    name="vault", help="Restore, purge or re-encrypt the originals in a vault.", no_args_is_help=True
)
app.add_typer(vault_app)

VaultPath = Annotated[Path, typer.Argument(help="The encrypted file that deid_redact wrote.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option(
        help="File with the passphrase; otherwise SPACY_DEID_PASSPHRASE, or you are asked. It is never an argument."
    ),
]


@vault_app.command("restore")
def restore(
    vault: VaultPath,
    text: Annotated[Path, typer.Argument(help="Redacted text in UTF-8; - for standard input.")],
    output: Annotated[Path | None, typer.Argument(help="File to write; standard output if none is named.")] = None,
    document: Annotated[
        str | None,
        typer.Option(
            help="Id of its document, if several have this text, or if the text was changed or derived from it."
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    quiet: Quiet = False,
) -> None:
    """Restore the original of a redacted text.

    The original is restored character by character. With --document any text with the document's replacements can be
    restored, such as a summary; a replacement of several originals ("[DATE]") is left as it is, and counted.

    Example: python -m spacy deid vault restore vault.deid redacted/note.txt note.txt
    """
    with reported_errors():
        from spacy_deid.files import write_bytes

        redacted = _read(text)
        opened = _opened(vault, passphrase_file)
        original, left = (opened.restore(redacted), 0) if document is None else opened.restore_in(redacted, document)
        data = original.encode("utf8", "surrogatepass")
        if output is None:
            sys.stdout.buffer.write(data)
        else:
            write_bytes(output, data)
        if left and not quiet:
            typer.echo(f"{left} replacements have several originals and were left.", err=True)


@vault_app.command("purge")
def purge(
    vault: VaultPath,
    document: Annotated[str | None, typer.Option(help="Id of the document to delete.")] = None,
    patient: Annotated[str | None, typer.Option(help="Id of the patient to delete, with all documents.")] = None,
    passphrase_file: PassphraseFile = None,
    quiet: Quiet = False,
) -> None:
    """Delete a document or a patient from the vault.

    Nobody can restore them from this vault any more. Purge your backups yourself.

    Example: python -m spacy deid vault purge vault.deid --patient 17
    """
    with reported_errors():
        purged = _opened(vault, passphrase_file).purge(document=document, patient=patient)
        if not purged:
            raise DeidError(f"{vault} holds no text of this document or patient. Remedy: check the id.")
        if not quiet:
            msg.good(f"Purged {purged} texts: {vault}")


@vault_app.command("rotate")
def rotate(
    vault: VaultPath,
    passphrase_file: PassphraseFile = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the new passphrase; you are asked if none is named.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Encrypt the vault with another passphrase.

    The old one still opens copies that were made before.

    Example: python -m spacy deid vault rotate vault.deid --new-passphrase-file new.pass
    """
    with reported_errors():
        from spacy_deid.redact.secrets import checked_passphrase, read_passphrase

        opened = _opened(vault, passphrase_file)
        new = read_passphrase(new_passphrase_file) if new_passphrase_file else None
        if new is None:
            new = checked_passphrase(_asked("New passphrase", twice=True))
        opened.rotate(new)
        if not quiet:
            msg.good(f"Encrypted with the new passphrase: {vault}")


def _read(path: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()).decode("utf8", "surrogatepass")
    except UnicodeDecodeError:
        raise DeidError(f"{path} is not UTF-8. Remedy: pass the redacted text as it was written.") from None


def _opened(path: Path, passphrase_file: Path | None) -> "Vault":
    from spacy_deid.redact.secrets import checked_passphrase, read_passphrase
    from spacy_deid.redact.vault import Vault

    given = read_passphrase(passphrase_file)
    return Vault(path, checked_passphrase(_asked("Passphrase")) if given is None else given)


def _asked(prompt: str, *, twice: bool = False) -> bytes:
    if not sys.stdin.isatty():
        msg = "There is no passphrase. Remedy: name a file that holds it, or set SPACY_DEID_PASSPHRASE."
        raise DeidError(msg)
    asked: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return asked.encode("utf8")
