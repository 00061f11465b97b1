"""``spacy project run`` with this project: variables are checked, and stages handle Ctrl-C and SIGTERM.

Weasel, which runs projects, puts a variable unchanged into JSON and into a shell's double quotes, so that a
backslash or a quotation mark in it breaks both. It guesses types (version 0.10 becomes 0.1) and accepts any name. On
Ctrl-C it kills the running stage within a quarter of a second. The variables of other projects are not touched.
"""

import json
import os
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import Any

import srsly
from typer.core import TyperCommand
from weasel import app as weasel_app

from spacy_deid.cli.app import reported_errors
from spacy_deid.errors import DeidError, Terminated

PROJECT = "project.yml"
OURS = "spacy deid "  # occurs in the commands of this package's project


class ProjectRun(TyperCommand):
    """Weasel's ``run`` with checked variables."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Check the variables of a project of this package, and quote them for weasel."""
        variables = _variables(args)
        if variables is not None:
            with reported_errors():
                args = quoted(args, variables)
            # set before a stage loads torch: threads that wait busily slow one another down
            os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run; after a signal to this process, the stage ends by itself and says how to continue."""
        with reported_errors(), _signals_left_to_the_stage():
            try:
                return super().invoke(ctx)
            except SystemExit as end:  # a stage that a signal ended has the negated number of it; shells add it to 128
                if isinstance(end.code, int) and end.code < 0:
                    raise SystemExit(128 - end.code) from None
                raise


def quoted(args: Sequence[str], variables: Mapping[str, Any]) -> list[str]:
    """Return the arguments of ``run`` with each ``--vars.NAME VALUE`` quoted for weasel.

    ``variables``: the project's own, with their defaults. Raises DeidError for an unknown variable, for one
    without a value, and for one that must be a whole number and is not.
    """
    left, done = list(args), []
    while left:
        word = left.pop(0)
        if not (word.startswith("--") and "." in word.partition("=")[0]):
            done.append(word)
            continue
        option, given, value = word.partition("=")
        name = _known(option, variables)
        if not given:
            if not left or left[0].startswith("--"):
                raise DeidError(f"{option} has no value. Remedy: give one, such as {option} '{variables[name]}'.")
            value = left.pop(0)
        done += [f"--vars.{name}", _quoted(name, value, variables[name])]
    return done


def _known(option: str, variables: Mapping[str, Any]) -> str:
    section, _, name = option.removeprefix("--").replace("-", "_").partition(".")
    if section == "vars" and name in variables:
        return name
    close = get_close_matches(name, variables, n=1)
    meant = f"Did you mean --vars.{close[0]}? " if close else ""
    raise DeidError(f"There is no variable {option}. {meant}Remedy: one of {', '.join(variables)}, as --vars.NAME.")


def _quoted(name: str, value: str, default: Any) -> str:
    if isinstance(default, int):
        if not re.fullmatch(r"-?[0-9]+", value):
            raise DeidError(f"--vars.{name} is {value!r}; it must be a whole number. Remedy: such as {default}.")
        return value
    in_shell = re.sub(r'([\\"])', r"\\\1", value)
    in_json = json.dumps(in_shell, ensure_ascii=False)[1:-1].replace("$", "\\u0024")  # $: weasel's own variables
    return json.dumps(in_json, ensure_ascii=False)


def _variables(args: Sequence[str]) -> dict[str, Any] | None:
    """Return the variables of the project that is to run, or None for a project of another package."""
    places = [word for word in args[: _first_override(args)] if not word.startswith("-")]
    path = Path(places[1] if len(places) > 1 else ".") / PROJECT
    try:
        project = srsly.read_yaml(path)
        ours = any(OURS in line for command in project["commands"] for line in command["script"])
    except (OSError, ValueError, TypeError, KeyError):  # weasel reports what is wrong with it
        return None
    return dict(project.get("vars", {})) if ours else None


def _first_override(args: Sequence[str]) -> int:
    return next((number for number, word in enumerate(args) if word.startswith("--") and "." in word), len(args))


@contextmanager
def _signals_left_to_the_stage() -> Iterator[None]:
    def take(number: int, frame: FrameType | None) -> None:
        stages = _children()
        if not stages:
            raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
        if number == signal.SIGTERM:  # Ctrl-C has reached the stage already: the terminal sends it to all
            for stage in stages:
                os.kill(stage, number)

    earlier = {number: signal.signal(number, take) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)


def _children() -> list[int]:
    """Return the running child processes; none on a system without /proc."""
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


for _command in weasel_app.registered_commands:
    if _command.name == "run":
        _command.cls = ProjectRun
