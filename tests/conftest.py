"""Fixtures shared by all tests."""

import os
import signal
import socket
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import catalogue
import pytest
from hypothesis import settings

# a shared machine may stall for a second at any moment
settings.register_profile("patient", deadline=None)
settings.register_profile("quick", deadline=None, max_examples=30)

# spaCy asks for an entry point hundreds of times for each pipeline that is made, and each time all those of the
# environment are read through; by group they take a fifth of the time
catalogue.AVAILABLE_ENTRY_POINTS = {group: tuple(entry_points(group=group)) for group in entry_points().groups}

# a shell that starts the tests in the background has Ctrl-C ignored; what the tests start would inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)

REPOSITORY = Path(__file__).parent.parent
LONGEST = ("e2e", "models")  # markers of minutes


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each property in a developer's quick run, which leaves out the slow tests."""
    settings.load_profile("quick" if "not slow" in config.option.markexpr else "patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest files first: a worker that began them last would end long after the others."""
    items.sort(
        key=lambda item: next(
            (rank for rank, name in enumerate(LONGEST) if item.get_closest_marker(name)), len(LONGEST)
        )
    )


@pytest.fixture(autouse=True)
def no_network() -> Iterator[None]:
    """Fail every test in whose process the package, or a library it calls, looks up a host."""
    sought = []

    def getaddrinfo(host, *args, **kwargs):
        sought.append(host)
        raise socket.gaierror(socket.EAI_AGAIN, "no network in tests")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket, "getaddrinfo", getaddrinfo)
        yield
    assert sought == []


@pytest.fixture(scope="session")
def mirror() -> Path:
    """A folder laid out as `--vars.mirror` wants it; real corpora are not part of this repository."""
    folder = Path(os.environ.get("SPACY_DEID_MIRROR", REPOSITORY.parent / "shared" / "data"))
    if not (folder / "meddocan").is_dir():
        pytest.skip("MEDDOCAN is not at hand: set SPACY_DEID_MIRROR to a folder that holds meddocan/corpus")
    return folder


@pytest.fixture(scope="session")
def meddocan(mirror: Path) -> Path:
    """MEDDOCAN's corpus folder, with train/brat and dev/brat."""
    return mirror / "meddocan" / "corpus"


@pytest.fixture(scope="session")
def embedded_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the converted encoder/ and lm/: SPACY_DEID_MODELS, else assets/models, else made on the spot."""
    folder = Path(os.environ.get("SPACY_DEID_MODELS", REPOSITORY / "assets" / "models"))
    if not all((folder / model / "manifest.json").is_file() for model in ("encoder", "lm")):
        from filelock import FileLock

        from spacy_deid.models.embedded import convert

        # a conversion takes a minute: the workers of xdist share one, and `convert` changes nothing a second time
        folder = tmp_path_factory.getbasetemp()
        folder = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "models"
        with FileLock(f"{folder}.lock"):
            for model in ("encoder", "lm"):
                convert(model, folder, words=25_000, quiet=True)
    return folder
