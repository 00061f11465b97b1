"""Language packs: rules find their examples, tiers work alone, and a pack may come from a folder or a package."""

import datetime as dt
import sys
from importlib.metadata import EntryPoint

import pytest
import typer.testing

from spacy_deid.cli import app
from spacy_deid.errors import DeidError, Terminated
from spacy_deid.lang import pack as packs
from spacy_deid.lang.dates import read_date
from spacy_deid.lang.lexicon import is_given_name, is_ordinary
from spacy_deid.lang.pack import ANY, LanguagePack, add_pack, installed_packs, pack_at, pack_of
from spacy_deid.lang.recognizer import load_rules, rules_of
from spacy_deid.lang.tokenization import fine_blank
from spacy_deid.language_check import check_pack, example_problems

EVERY_RULE = [
    pytest.param(pack, recognizer, kind, id=f"{pack.code}: {recognizer.id}")
    for pack in (pack_of(ANY), *installed_packs())
    for kind, recognizers in (("rule", rules_of(pack).recognizers), ("guard", rules_of(pack).guards))
    for recognizer in recognizers
    if pack.code == ANY or not recognizer.file.startswith(str(pack_of(ANY).folders[0].path))
]
RULE = """
[[rule]]
id = "mrn"
label = "ID"
pattern = '''\\bMRN[ ]\\d{4}\\b'''
score = 0.9
finds = ["<ID>MRN 4711</ID> seen"]
leaves = ["MRN 47"]
"""


@pytest.mark.parametrize(("pack", "recognizer", "kind"), EVERY_RULE)
def test_each_rule_finds_its_examples_and_leaves_others(pack: LanguagePack, recognizer, kind):
    assert example_problems(pack, recognizer, kind) == []


@pytest.fixture
def folder(tmp_path):
    """A pack of the first tier alone, in a language that no installed pack has."""
    root = tmp_path / "da"
    (root / "rules").mkdir(parents=True)
    (root / "language.toml").write_text('name = "Danish"\ntitles = ["læge", "dr"]\nparticles = ["af"]\n', "utf8")
    (root / "rules" / "id.toml").write_text(RULE, "utf8")
    yield root
    packs._ADDED.clear()
    packs.installed.cache_clear()
    packs.pack_of.cache_clear()


class TestFolder:
    def test_a_pack_of_rules_alone_makes_a_whole_pipeline(self, folder):
        add_pack(folder)
        nlp = fine_blank("da")
        nlp.add_pipe("deid_rules")
        nlp.add_pipe("deid_merge")
        nlp.add_pipe("deid_redact", config={"policy": "mask"})
        doc = nlp("Dr Anna Ek så MRN 4711 på anna@example.org. Åter MRN 4711")
        assert doc._.deid_text == "Dr Anna Ek så [ID] på [EMAIL]. Åter [ID]"

    def test_the_check_names_the_tiers_that_lack(self, folder):
        rules, *others = check_pack(add_pack(folder))
        assert rules.is_complete
        assert all(tier.lacking and not tier.problems for tier in others)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ("MRN 4711</ID>", "MRN 47</ID>", "it finds nothing"),
            ("<ID>MRN 4711</ID>", "<NAME>MRN 4711</NAME>", "as ID"),
            ("<ID>MRN 4711</ID>", "MRN 4711", "it finds 'MRN 4711'"),
            ('"MRN 47"', '"MRN 4712"', "it finds something in 'MRN 4712'"),
            ("finds =", "# finds =", "no example"),
            ("<ID>MRN", "<IDD>MRN", "unknown tag"),
        ],
    )
    def test_the_check_names_file_and_line_of_a_wrong_example(self, folder, old, new, message):
        (folder / "rules" / "id.toml").write_text(RULE.replace(old, new), "utf8")
        (problem,) = check_pack(add_pack(folder))[0].problems
        assert message in str(problem)
        assert "id.toml, line 3: rule 'mrn'" in str(problem)

    @pytest.mark.parametrize(
        ("condition", "example", "message"),
        [
            ("check = 'is_iban'", "<ID>MRN 4711</ID> seen", "nothing, as ID; its check refuses 'MRN 4711'"),
            ("context = 'No $'", "<ID>MRN 4711</ID> seen", "nothing, as ID; its context refuses 'MRN 4711'"),
            (
                "check = 'is_iban'\ncontext = 'No $'",
                "<ID>MRN 4711</ID> seen",
                "nothing, as ID; its check and its context refuse 'MRN 4711'",
            ),
            ("check = 'is_iban'", "<ID>MRN 47</ID> seen", "nothing, as ID"),  # the pattern does not match
        ],
    )
    def test_the_check_says_which_condition_of_the_rule_refuses_the_match(self, folder, condition, example, message):
        rule = RULE.replace("score = 0.9", condition).replace("<ID>MRN 4711</ID> seen", example)
        (folder / "rules" / "id.toml").write_text(rule, "utf8")
        (problem,) = check_pack(add_pack(folder))[0].problems
        assert str(problem).endswith(f"in {example!r} it finds {message}")

    def test_the_command_exits_with_1_where_something_is_wrong(self, folder):
        run = typer.testing.CliRunner().invoke
        assert run(app, ["language", "check", str(folder)]).exit_code == 0
        (folder / "rules" / "id.toml").write_text(RULE.replace("MRN 4711", "MRN 4"), "utf8")
        packs.pack_at.cache_clear()
        rules_of.__globals__["_rules_of"].cache_clear()
        assert run(app, ["language", "check", str(folder)]).exit_code == 1

    @pytest.mark.parametrize("code", ["sv", "site"])
    def test_without_the_libraries_of_names_the_tiers_that_need_them_are_not_checked(self, code, folder, monkeypatch):
        """Missing libraries are not a fault of the packs, and the exit status is 0."""
        (folder / "language.toml").write_text('name = "Site"\nextends = "sv"\n', "utf8")
        monkeypatch.setitem(sys.modules, "faker", None)
        run = typer.testing.CliRunner().invoke(app, ["language", "check", code if code == "sv" else str(folder)])
        assert run.exit_code == 0, run.output
        assert "surrogates: not checked" in run.output and "templates: not checked" in run.output
        assert "rules: complete" in run.output and "surrogates]" in run.output

    @pytest.mark.parametrize(("stop", "status"), [(Terminated, 143), (KeyboardInterrupt, 130)])
    def test_a_check_that_is_stopped_starts_again(self, stop, status, folder, monkeypatch):
        def stopped(pack):
            raise stop

        monkeypatch.setattr("spacy_deid.language_check.check_pack", stopped)
        run = typer.testing.CliRunner().invoke(app, ["language", "check", str(folder)])
        assert (run.exit_code, run.output) == (status, "Stopped. Nothing was written; the same command starts again.\n")

    def test_a_copy_of_a_pack_under_another_code_has_the_dictionary_of_the_pack_that_it_extends(self, folder):
        (folder / "language.toml").write_text('name = "Site"\nextends = "sv"\n', "utf8")
        add_pack(folder.rename(folder.with_name("norrberg")))
        assert is_ordinary("kontroll", "norrberg") and not is_ordinary("Qwertyuiop", "norrberg")

    def test_the_command_lists_what_is_installed(self):
        result = typer.testing.CliRunner().invoke(app, ["language", "list"])
        assert [line.split("\t")[0] for line in result.output.splitlines()] == [pack.code for pack in installed_packs()]

    def test_code_may_import_its_neighbours(self, folder):
        (folder / "known.py").write_text("YEARS = ('2024',)\n")
        (folder / "checks.py").write_text(
            "from .known import YEARS\n\n\ndef is_year(text: str) -> bool:\n    return text in YEARS\n"
        )
        (folder / "rules" / "id.toml").write_text(
            "[[rule]]\nid = 'year'\nlabel = 'DATE'\npattern = '\\d{4}'\ncheck = 'is_year'\n"
        )
        (rule,) = [rule for rule in rules_of(pack_at(folder)).recognizers if rule.id == "year"]
        assert [match.start for match in rule.find("2023 2024")] == [5]

    def test_a_folder_without_facts_is_none(self, tmp_path):
        with pytest.raises(DeidError, match=r"language\.toml.*Remedy"):
            pack_at(tmp_path)


def _day(text, lang):
    return read_date(text, lang, dt.date(2024, 1, 1)).day


class TestPackage:
    @pytest.fixture
    def package(self, folder, monkeypatch):
        (folder / "__init__.py").touch()
        monkeypatch.syspath_prepend(folder.parent)
        point = EntryPoint(name="da", value="da", group=packs.GROUP)
        monkeypatch.setattr(packs, "entry_points", lambda group: [point] if group == packs.GROUP else [])
        packs.installed.cache_clear()
        yield
        sys.modules.pop("da", None)

    def test_a_package_names_its_pack_by_an_entry_point(self, package):
        assert pack_of("da").facts.name == "Danish"
        assert "mrn" in {rule.id for rule in load_rules("da").recognizers}


class TestPack:
    def test_a_language_without_a_pack_has_no_rules_and_the_error_names_those_that_have(self):
        with pytest.raises(DeidError, match=r"'qq'.*\bes\b.*\bsv\b"):
            load_rules("qq")

    def test_a_table_that_is_not_there_is_named_with_the_languages(self):
        with pytest.raises(DeidError, match=r"'qq' has no dates\.toml.*\bes\b.*\bsv\b"):
            pack_of("qq").table("dates.toml")

    def test_an_extending_pack_adds_to_lists_tables_and_facts(self, folder):
        (folder / "language.toml").write_text('name = "Site"\nextends = "sv"\ntitles = ["vagtlæge"]\n', "utf8")
        (folder / "lists").mkdir()
        (folder / "lists" / "towns.txt").write_text("# Towns\nNyby; Dalarna; 79; 023\n?Ro\n", "utf8")
        site, base = pack_at(folder), pack_of("sv")
        assert site.facts.titles == (*base.facts.titles, "vagtlæge")
        assert site.facts.genitive == base.facts.genitive
        assert {"nyby", "umeå"} <= site.list("towns").sure
        assert "ro" in site.list("towns").marked
        assert site.table("dates.toml") == base.table("dates.toml")

    def test_a_pack_may_read_dates_with_the_month_first(self, folder):
        (folder / "language.toml").write_text('name = "Site"\nextends = "en"\n', "utf8")
        (folder / "dates.toml").write_text('preferred = ["numeric_american", "day_month_american"]\n', "utf8")
        add_pack(folder.rename(folder.with_name("american")))
        assert _day("12/04/2023", "american") == dt.date(2023, 12, 4)
        assert _day("4/12", "american") == dt.date(2024, 4, 12)
        assert _day("23/04/2023", "american") == dt.date(2023, 4, 23)  # there is no other way
        assert _day("12/04/2023", "en") == dt.date(2023, 4, 12)

    def test_a_preferred_form_of_dates_that_is_not_there_is_named(self, folder):
        (folder / "language.toml").write_text('name = "Site"\nextends = "en"\n', "utf8")
        (folder / "dates.toml").write_text('preferred = ["american"]\n', "utf8")
        add_pack(folder.rename(folder.with_name("mistaken")))
        with pytest.raises(DeidError, match="'mistaken'.*'american'.*numeric_american"):
            _day("12/04/2023", "mistaken")

    def test_an_own_rule_goes_before_one_of_any_language(self, folder):
        (folder / "rules" / "id.toml").write_text(RULE.replace('"mrn"', '"url"'), "utf8")
        assert [rule.label for rule in rules_of(pack_at(folder)).recognizers if rule.id == "url"] == ["ID"]

    def test_own_names_go_before_the_shared_ones(self, folder):
        (folder / "names").mkdir()
        (folder / "names" / "danish.toml").write_text('female = "Ofelia"\nmale = "Hamlet"\nlast = "Prins"\n', "utf8")
        assert pack_at(folder).names("danish")["male"] == "Hamlet"
        assert pack_at(folder).names("swedish") == pack_of("sv").names("swedish")
        assert is_given_name("Ingrid")
