"""A hook of mkdocs: the page of commands is written by typer when the site is built."""

import subprocess
import sys
from typing import Any

NAME = "python -m spacy deid"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Append the help of every command to the page of commands."""
    if page.file.src_uri != "reference/cli.md":
        return markdown
    command = [sys.executable, "-m", "typer", "spacy_deid.cli", "utils", "docs", "--name", NAME]
    reference = subprocess.run(command, check=True, capture_output=True, encoding="utf8").stdout
    return markdown + reference.partition("\n\n")[2].replace(f"## `{NAME} ", "## `")
