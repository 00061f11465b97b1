"""The ``deid`` command group and the end of a command: one line and an exit status."""

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated, Any

import typer
from spacy.cli._util import app as spacy_app
from typer.core import TyperGroup
from wasabi import msg

from spacy_deid.errors import DeidError, Terminated
from spacy_deid.extras import how_to_install

GROUPS: dict[str, tuple[str, ...]] = {
    "Use a pipeline": ("mask", "apply", "review", "agreement", "vault"),
    "Evaluate a pipeline": (
        "evaluate",
        "calibrate",
        "compare",
        "report",
        "challenge",
        "clinical-loss",
        "evaluate-names",
        "evaluate-reread",
    ),
    "Make corpora and models": ("corpus", "convert", "split", "templates", "language", "models", "ensemble"),
    "Make, audit and release synthetic notes": ("adapt", "seed", "generate", "canaries", "audit", "release"),
}


class GroupedCommands(TyperGroup):
    """A command group whose help lists the commands by their use."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for each of `GROUPS`; typer's own panels need rich, which spaCy's command line turns off."""
        width = formatter.width - max(map(len, self.commands)) - 6  # typer's margins
        for title, names in GROUPS.items():
            with formatter.section(title):
                formatter.write_dl([(name, self.commands[name].get_short_help_str(width)) for name in names])


app = typer.Typer(
    name="deid",
    cls=GroupedCommands,
    help="De-identification of clinical notes. Each command explains itself with --help.",
    rich_markup_mode=None,  # as spaCy's command line
    context_settings={"max_content_width": 120},
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a traceback with locals would print note text
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only; no progress bars.")]

Point = Annotated[
    str,
    typer.Option(
        "--operating-point",
        help="balanced, careful, strict or a character recall such as 0.98; the pipeline must be calibrated.",
    ),
]


@contextmanager
def reported_errors(
    extra: str = "", stopped: str = "Stopped. What was finished is kept; the same command goes on from there."
) -> Iterator[None]:
    """Turn an error that a user can fix into one line on stderr and exit status 1, Ctrl-C into 130, SIGTERM into 143.

    ``extra``: the extra of this package that the command needs as a whole. ``stopped``: the line on Ctrl-C and SIGTERM,
    unless the work that was stopped has its own.
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
        typer.echo(str(stop) or stopped, err=True)
        number = signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT
        raise typer.Exit(128 + number) from None


@contextmanager
def _sigterm_raised() -> Iterator[None]:
    """Raise Terminated on SIGTERM, so that no output is left half written."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it may come twice: to the process group, and from weasel
        raise Terminated

    if threading.current_thread() is not threading.main_thread():  # Python handles no signals there
        yield
        return
    earlier = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def use_gpu(gpu_id: int) -> None:
    """Let spaCy run on the GPU ``gpu_id``, or on the CPU for -1. Raises DeidError if it is not available."""
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
__all__ = ["Point", "Quiet", "app", "msg", "reported_errors", "use_gpu"]
