"""The ``deid`` command group and how a command ends: one clear line and an exit status."""

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import typer
from spacy.cli._util import app as spacy_app
from wasabi import msg

from spacy_deid.errors import DeidError, Terminated
from spacy_deid.extras import how_to_install

# what help shows: the commands by their use
GROUPS: dict[str, tuple[str, ...]] = {
    "Use a pipeline": ("mask", "apply", "review", "agreement", "vault"),
    "Measure a pipeline": ("evaluate", "report", "evaluate-names", "evaluate-reread"),
    "Make a pipeline: corpora and models": (
        "corpus",
        "convert",
        "split",
        "templates",
        "language",
        "models",
        "ensemble",
    ),
    "Make a pipeline: synthetic notes": ("adapt", "seed", "generate", "canaries", "audit", "release"),
}


def _help() -> str:
    lines = "\n\n".join(f"{group}: {', '.join(commands)}." for group, commands in GROUPS.items())
    return f"De-identification of clinical notes.\n\n{lines}\n\nEach command explains itself with --help."


app = typer.Typer(
    name="deid",
    help=_help(),
    context_settings={"max_content_width": 120},
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would print note text
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only; no progress bars.")]


@contextmanager
def reported_errors(extra: str = "") -> Iterator[None]:
    """Turn what a user can mend into one line on stderr and exit status 1; Ctrl-C into 130, SIGTERM into 143.

    ``extra``: the extra of this package that the command needs as a whole.
    """
    try:
        with _sigterm_raised():
            yield
    except DeidError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        _fail(f"The package {error.name!r} is not installed. Remedy: {how_to_install(error.name or '', extra)}.")
    except OSError as error:
        if error.errno == errno.ENOSPC:
            _fail(f"The disk is full while writing {error.filename or 'the output'}. Free some space and run again.")
        _fail(f"{error.strerror or type(error).__name__}: {error.filename or 'unnamed file'}")
    except KeyboardInterrupt as stop:
        typer.echo(str(stop) or "Stopped. What was finished is kept; the same command goes on from there.", err=True)
        number = signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT
        raise typer.Exit(128 + number) from None


@contextmanager
def _sigterm_raised() -> Iterator[None]:
    """Raise Terminated where the process is told to end, so that nothing is left half written."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it may come twice: to the group, and from who runs the project
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # where Python takes no signals
        yield
        return
    earlier = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def use_gpu(gpu_id: int) -> None:
    """Let spaCy run on the GPU ``gpu_id``; -1 stays on the CPU. Raises DeidError where it is not to be had."""
    if gpu_id < 0:
        return
    from thinc.api import require_gpu

    try:
        require_gpu(gpu_id)
    except ValueError as error:
        raise DeidError(
            f"There is no usable GPU {gpu_id}. Remedy: install CuPy for it, or pass --gpu-id -1."
        ) from error


def _fail(message: str) -> None:
    typer.echo(f"✘ {message}", err=True)
    raise typer.Exit(1) from None


spacy_app.add_typer(app, name="deid")
__all__ = ["Quiet", "app", "msg", "reported_errors", "use_gpu"]
