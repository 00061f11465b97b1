"""Policies: a mode for every label, even an unknown one, and one clear error for each fault in a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_deid.errors import DeidError
from spacy_deid.labels import categories, known_labels
from spacy_deid.redact.policy import policy_of, read_policy, shipped_policies
from spacy_deid.redact.replacer import MODES

SHIPPED = ["hipaa-safe-harbor", "index", "mask", "research", "surrogate"]


@pytest.fixture
def policy_file(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "policy.toml"
        path.write_text(text, "utf8")
        return str(path)

    return write


def test_what_is_shipped() -> None:
    assert shipped_policies() == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_policies_keep_sex_alone(name: str) -> None:
    policy = read_policy(name)
    assert {category for category in categories() if policy.mode(category) == "keep"} <= {"SEX"}


@pytest.mark.parametrize("name", [*SHIPPED, *MODES])
@given(label=st.text())
def test_an_unknown_label_is_never_kept(name: str, label: str) -> None:
    policy = read_policy(name) if name in SHIPPED else policy_of(name)
    assert label in known_labels() or policy.mode(label) != "keep"


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode not in SHIPPED])
def test_a_mode_alone_is_that_of_all_categories(mode: str) -> None:
    assert {policy_of(mode).mode(category) for category in categories()} == {mode}


def test_a_file(policy_file) -> None:
    path = policy_file('default = "index"\n[categories]\nNAME = "hash"\nAGE = "band"\n[settings.band]\nwidth = 5\n')
    policy = read_policy(path)
    modes = [
        policy.mode(label) for label in ("NAME", "NOMBRE_SUJETO_ASISTENCIA", "EDAD_SUJETO_ASISTENCIA", "DATE", "?")
    ]
    assert modes == ["hash", "hash", "band", "index", "index"]
    assert set(policy.replacers()) == {"hash", "band", "index"}


def test_other_may_be_kept_and_unknown_labels_are_not(policy_file) -> None:
    policy = read_policy(policy_file('[categories]\nOTHER = "keep"\n'))
    assert (policy.mode("OTHER"), policy.mode("NEVER_HEARD_OF")) == ("keep", "mask")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[categories]\nNAMES = "mask"\n', "'NAMES'"),
        ('[categories]\nNAME = "remove"\n', "NAME = 'remove'"),
        ("[categories]\nNAME = 3\n", "NAME = 3"),
        ("[categories]\nNAME = []\n", r"NAME = \[\]"),
        ('default = "none"\n', "default = 'none'"),
        ('default = "keep"\n', "default = 'keep'"),
        ('categories = "mask"\n', "categories = 'mask'"),
        ('[category]\nNAME = "mask"\n', "'category'"),
        ("[settings.bands]\nwidth = 3\n", "'bands'"),
        ("[settings]\nband = 3\n", "band = 3"),
        ("NAME: mask\n", "not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(policy_file, text: str, named: str) -> None:
    path = policy_file(text)
    with pytest.raises(DeidError, match=named) as error:
        read_policy(path)
    assert path in str(error.value)


@pytest.mark.parametrize(
    ("mode", "setting", "named"),
    [
        ("band", "widths = 3", "'widths'"),
        ("band", "width = 0", "width = 0"),
        ("band", 'width = "10"', "width = '10'"),
        ("band", "width = true", "width = True"),
        ("shift", 'keep_weekday = "yes"', "keep_weekday = 'yes'"),
        ("shift", "keep_weekday = 1", "keep_weekday = 1"),
        ("surrogate", 'keep_weekday = "yes"', "keep_weekday = 'yes'"),
        ("surrogate", 'policy = ["random"]', r"policy \['random'\]"),
        ("surrogate", "policy = {}", "policy {}"),
        ("surrogate", "stay = 0.5", "'stay'"),
        ("mask", "stay = 1", "'stay'"),
    ],
)
def test_what_is_wrong_in_a_setting_is_named(policy_file, mode: str, setting: str, named: str) -> None:
    path = policy_file(f'[categories]\nAGE = "{mode}"\n[settings.{mode}]\n{setting}\n')
    with pytest.raises(DeidError, match=named) as error:
        read_policy(path).replacers()
    assert path in str(error.value)


def test_a_file_that_is_not_utf8(tmp_path) -> None:
    (tmp_path / "policy.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(DeidError, match="UTF-8"):
        read_policy(str(tmp_path / "policy.toml"))


@pytest.mark.parametrize("name", ["absent", "/", "", "a\0b"])
def test_no_such_policy(name: str) -> None:
    with pytest.raises(DeidError, match="There is no policy"):
        read_policy(name)


def test_no_such_mode() -> None:
    with pytest.raises(DeidError, match="'remove'"):
        policy_of("remove")
