"""A model's name in a config: a safe local directory, or one clear error."""

import pytest

from spacy_deid.errors import DeidError
from spacy_deid.models.resolve import ALLOW_DOWNLOAD, resolve


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.delenv(ALLOW_DOWNLOAD, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def model(directory, *files):
    directory.mkdir(parents=True)
    for file in files:
        (directory / file).write_text("{}")
    return directory


def test_a_local_directory_is_taken_as_it_is(tmp_path):
    path = model(tmp_path / "lm", "config.json", "model.safetensors")
    assert resolve(str(path)) == str(path)


def test_sharded_weights_are_weights(tmp_path):
    path = model(tmp_path / "lm", "config.json", "model-00001-of-00002.safetensors")
    assert resolve(str(path)) == str(path)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["model.safetensors"], "lacks config.json"),
        (["config.json"], "no safetensors weights"),
        (["config.json", "pytorch_model.bin"], "pickled .*safe_serialization"),
    ],
)
def test_a_directory_that_is_no_safe_model_is_refused(tmp_path, files, expected):
    path = model(tmp_path / "lm", *files)
    with pytest.raises(DeidError, match=expected):
        resolve(str(path))


@pytest.mark.parametrize("name", ["/no/such/model", "./lm", "assets/models/absent", "~/nothing-here/lm"])
def test_an_absent_directory_names_the_command_that_makes_one(name):
    with pytest.raises(DeidError, match=r"No model directory .*spacy deid models"):
        resolve(name)


@pytest.mark.parametrize("name", ["someone/some-model", "some-model"])
def test_a_hub_name_outside_the_cache_names_both_remedies(name):
    with pytest.raises(DeidError, match=f"path of a local copy, or set {ALLOW_DOWNLOAD}=1"):
        resolve(name)


def test_a_hub_name_in_the_cache_becomes_its_directory(tmp_path, monkeypatch):
    commit = "0" * 40
    repository = tmp_path / "cache" / "models--someone--some-model"
    snapshot = model(repository / "snapshots" / commit, "config.json", "model.safetensors")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub._snapshot_download.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert resolve("someone/some-model") == str(snapshot)


@pytest.mark.parametrize(("allowed", "local_only"), [(None, True), ("0", True), ("1", False)])
def test_nothing_is_fetched_unless_the_environment_allows_it(monkeypatch, tmp_path, allowed, local_only):
    seen = {}

    def snapshot_download(name, **options):
        seen.update(options)
        return str(model(tmp_path / "fetched", "config.json", "model.safetensors"))

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    if allowed:
        monkeypatch.setenv(ALLOW_DOWNLOAD, allowed)
    resolve("someone/some-model")
    assert seen["local_files_only"] is local_only
    assert not any(pattern.endswith((".bin", ".py")) for pattern in seen["allow_patterns"])
