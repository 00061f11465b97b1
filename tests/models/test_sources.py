"""Pinned files of installed packages are found, and anything else is refused."""

import hashlib
from importlib.metadata import version

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.models.sources import SourceFile, check_sha256, installed_file, source

PYTEST = ("pytest", version("pytest"), "pytest/__init__.py")


def test_a_file_of_an_installed_package_is_found():
    assert installed_file(*PYTEST).read_text("utf8").strip()


def test_an_absent_package_names_the_pip_remedy():
    with pytest.raises(DeidError, match=r"'no-such-weights' is not installed.*pip install .*no-such-weights==1\.0"):
        installed_file("no-such-weights", "1.0", "x.bin")


def test_another_version_names_both_versions_and_the_remedy():
    with pytest.raises(DeidError, match=rf"{version('pytest')}, but 0\.0\.1 is needed.*pip install"):
        installed_file("pytest", "0.0.1", "pytest/__init__.py")


def test_a_file_that_the_package_lacks_is_named():
    with pytest.raises(DeidError, match=r"lacks its file 'pytest/weights\.bin'.*pip install"):
        installed_file("pytest", version("pytest"), "pytest/weights.bin")


def test_a_wrong_checksum_names_file_expected_seen_and_remedy(tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"changed")
    with pytest.raises(DeidError) as error:
        check_sha256(file, "a" * 64, "Remedy: pip install it again")
    for part in (str(file), "a" * 64, hashlib.sha256(b"changed").hexdigest(), "Remedy: pip install"):
        assert part in str(error.value)


def test_a_changed_source_file_is_refused():
    with pytest.raises(DeidError, match="Wrong checksum"):
        SourceFile(*PYTEST, sha256="b" * 64).verified()


@pytest.mark.parametrize("model", ["encoder", "lm"])
def test_every_source_file_is_pinned(model):
    origin = source(model)
    assert origin.licence
    assert origin.url.startswith("https://")
    for file in (*origin.files, *origin.licences):
        assert len(file.sha256) == 64
        assert file.version
    assert all(file.name for file in origin.licences)
