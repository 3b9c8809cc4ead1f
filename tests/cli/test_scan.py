"""`patchkit scan`: the matrix of recipes and classes, its formats, and how it ends."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from cli_tools import ROOT, SAMPLES, content, git
from gitea_tools import ORG, WatchedGitea, bare

NAMES = ("bluesky-pds", "discourse", "mattermost-lts", "wikijs")
PG = "classes/pg-backup"


@pytest.fixture
def recipes(tmp_path):
    """Four samples and a folder that is no recipe."""
    for name in NAMES:
        shutil.copytree(SAMPLES / name, tmp_path / "all" / name)
    (tmp_path / "all" / "nothing").mkdir()
    return tmp_path / "all"


def cells(out: str) -> dict[str, str]:
    return {row["recipe"]: row["classes"][0]["verdict"] for row in json.loads(out)}


def test_verdicts_are_those_of_the_classes_own_table(patchkit, recipes):
    table = yaml.safe_load((ROOT / "tests/classes/tables/pg-backup.yml").read_text())
    before = content(recipes)
    result = patchkit("scan", recipes, "--class", PG, "--format", "json")
    assert result.code == 3  # of the one that is no recipe
    found = cells(result.out)
    assert found["nothing"] == "broken"
    for name in NAMES:
        wanted = next(
            verdict
            for verdict, key in (
                ("applies", "applies"),
                ("not this kind", "not_this_kind"),
                ("drifted", "drifted"),
            )
            if name in table.get(key, ())
        )
        assert found[name] == wanted
    assert content(recipes) == before


def test_what_applies_is_what_apply_writes(patchkit, recipes):
    found = cells(patchkit("scan", recipes, "--class", PG, "--format", "json").out)
    patchkit("apply", PG, "--recipes", recipes)
    again = cells(patchkit("scan", recipes, "--class", PG, "--format", "json").out)
    changed = {name for name, verdict in found.items() if verdict != again[name]}
    assert changed == {name for name, verdict in found.items() if verdict == "applies"} != set()
    assert {again[name] for name in changed} == {"already fixed"}


def test_a_finding_stands_once_with_the_class_that_cures_it(patchkit, recipes):
    (row,) = json.loads(patchkit("scan", recipes / "wikijs", "--class", PG, "--format", "json").out)
    lint = patchkit("lint", "--in", recipes / "wikijs", "--format", "json")
    rules = json.loads(lint.out)[0]["rules"]
    every = sorted((r["rule"], f["line"]) for r in rules for f in r["findings"])
    cured = [(f["rule"], f["line"]) for f in row["classes"][0]["findings"]]
    left = [(f["rule"], f["line"]) for f in row["findings"]]
    assert sorted(cured + left) == every
    assert {rule for rule, _ in cured} == {"hot-data-backup"}
    patchkit("apply", PG, "--in", recipes / "wikijs")
    after = json.loads(patchkit("lint", "--in", recipes / "wikijs", "--format", "json").out)
    assert "hot-data-backup" not in {r["rule"] for r in after[0]["rules"] if r["state"] == "fails"}


def test_json_has_these_keys(patchkit, recipes):
    rows = json.loads(patchkit("scan", recipes, "--class", PG, "--format", "json").out)
    for row in rows:
        assert list(row) == ["recipe", "source", "commit", "classes", "findings", "error"]
        for cell in row["classes"]:
            assert list(cell) == ["class", "verdict", "changes", "reasons", "findings"]
            assert all(
                list(reason) == ["message", "hint", "path", "line", "column"]
                for reason in cell["reasons"]
            )
    bad = rows[3]
    assert (bad["recipe"], bad["error"]["code"]) == ("nothing", 3)
    assert bad["error"]["message"] == "this is no recipe: there is no compose*.yml"


def test_table(patchkit, recipes):
    result = patchkit("scan", recipes, "--class", PG, "--skip", "nothing")
    assert result.code == 0
    lines = result.out.splitlines()
    assert "   1  classes/pg-backup" in lines
    at = lines.index("RECIPE          1  LINT")
    assert [line.split()[:2] for line in lines[at + 1 :]] == [
        ["bluesky-pds", "."],
        ["discourse", "~"],
        ["mattermost-lts", "+"],
        ["wikijs", "+"],
        ["applies", "to"],
    ]
    assert lines[-1].split() == ["applies", "to", "2"]


def test_reasons_on_demand(patchkit, recipes):
    wanted = ("scan", recipes, "--class", PG, "--only", "discourse")
    plain, told = patchkit(*wanted).out, patchkit(*wanted, "--why").out
    assert "drifted:" not in plain
    assert "classes/pg-backup: drifted: compose.yml:" in told
    assert "dangling-reference" in told


def test_reasons_are_the_classes_own_words(patchkit, recipes):
    told = patchkit("scan", recipes / "mattermost-lts", "--why").out.splitlines()
    spec = yaml.safe_load((ROOT / "fixes/classes/restart-any.yml").read_text())
    (because,) = (c["because"] for c in spec["applies_to"] if c.get("value") == "on-failure")
    assert f"  classes/restart-any: not this kind: {because}" in told
    assert all(len(line) <= 80 for line in told)


def test_what_only_a_person_knows_is_asked_for(patchkit):
    where = SAMPLES / "owncast"
    (row,) = json.loads(patchkit("scan", where, "--format", "json").out)
    (cell,) = (cell for cell in row["classes"] if cell["class"] == "classes/pin-moving-tag")
    assert cell["verdict"] == "needs a value"
    told = " ".join(patchkit("scan", where, "--why").out.split())
    assert "classes/pin-moving-tag: needs a value: only a person can say it: --param tag=" in told
    asked = patchkit("diff", "classes/pin-moving-tag", "--in", where)
    assert asked.code == 3
    assert f"pin-moving-tag: needs a value on {where}: add --param tag=VALUE\n" in asked.err
    many = patchkit("verify", "classes/pin-moving-tag", "--in", where, "--jobs", "1")
    assert many.code == 3
    assert "1 done: 1 needs a value" in many.err
    given = ("diff", "classes/pin-moving-tag", "--in", where, "--param", "tag=0.2.3")
    assert patchkit(*given).code == 0


def test_a_finding_stands_with_what_cures_it_before_what_is_near_it(patchkit, recipes):
    compose = recipes / "wikijs" / "compose.yml"
    text = compose.read_text()
    shop = "\n  shop:\n    image: mariadb:11.4.2\n    volumes: [shop:/var/lib/mysql]\n"
    text = text.replace("\nnetworks:\n", f"{shop}\nnetworks:\n", 1)
    compose.write_text(text.replace("\nvolumes:\n", "\nvolumes:\n  shop:\n", 1))
    (row,) = json.loads(patchkit("scan", recipes / "wikijs", "--format", "json").out)
    told = {
        cell["class"]: (cell["verdict"], [f["message"] for f in cell["findings"]])
        for cell in row["classes"]
        if cell["class"] in {PG, "classes/mariadb-backup"}
    }
    assert told["classes/mariadb-backup"][0] == "drifted"
    assert told[PG][0] == "applies"
    assert any("database" in message for message in told[PG][1])


def test_markdown(patchkit, recipes):
    result = patchkit("scan", recipes, "--class", PG, "--format", "markdown", "--skip", "nothing")
    rows = [line.strip("|").split(" | ") for line in result.out.splitlines()]
    assert [row[0].strip() for row in rows] == ["recipe", "---", *(f"`{n}`" for n in NAMES)]
    assert [row[1] for row in rows[2:]] == [
        "not this kind",
        "drifted",
        "**applies**",
        "**applies**",
    ]
    assert {len(row) for row in rows} == {3}


@pytest.mark.parametrize(("only", "code"), [("wikijs", 1), ("bluesky-pds", 0)])
def test_check_says_whether_a_class_applies(patchkit, recipes, only, code):
    assert patchkit("scan", recipes, "--check", "--class", PG, "--only", only).code == code


def test_every_class_is_asked_by_default(patchkit, recipes):
    (row,) = json.loads(patchkit("scan", recipes / "wikijs", "--format", "json").out)
    shipped = sorted(f"classes/{p.stem}" for p in (ROOT / "fixes/classes").glob("*.yml"))
    assert [cell["class"] for cell in row["classes"]] == shipped


def test_a_list_and_resume(patchkit, recipes, tmp_path):
    (tmp_path / "list").write_text("all/wikijs\nall/nothing\n")
    wanted = ("scan", "--list", "list", "--class", PG, "--format", "json")
    assert cells(patchkit(*wanted).out).keys() == {"wikijs", "nothing"}
    assert cells(patchkit(*wanted, "--resume").out).keys() == {"nothing"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "no recipe is named"),
        (("nowhere",), "nowhere: error: cannot be read"),
        (("all", "--class", "gitea"), "gitea is for gitea alone"),
        (("all", "--class", "classes/none"), "there is no fix classes/none"),
        (("all", "--recipes", "all"), "leave one of them out"),
        (("--mirror-org", "https://git.example.com"), "names no organisation on a forge"),
    ],
)
def test_wrong_command_lines(patchkit, recipes, options, said):
    result = patchkit("scan", *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


@pytest.fixture
def forge(tmp_path, monkeypatch):
    """A stand-in of Gitea with an organisation, whose repositories git finds on this disk."""
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "clones"))
    monkeypatch.setenv("PATCHKIT_TOKEN", "a-token-of-the-bot")
    monkeypatch.setenv("PATCHKIT_FORGE", "gitea")
    for name in NAMES:
        checkout = tmp_path / "checkouts" / name
        shutil.copytree(SAMPLES / name, checkout)
        git(checkout, "init", "-qb", "main")
        git(checkout, "add", "-A")
        git(checkout, "commit", "-qm", "start")
        git(tmp_path, "clone", "-q", "--bare", str(checkout), f"served/{ORG}/{name}.git")
    with WatchedGitea(most=3) as server:
        server.forge.add_user("bot", "a-token-of-the-bot")
        for name in NAMES:
            server.forge.add_repo(ORG, tmp_path / f"served/{ORG}/{name}.git")
        server.forge.add_repo(ORG, bare(tmp_path / "old.git")).archived = True
        git(tmp_path, "init", "-q", "--bare", "-b", "main", "none.git")
        server.forge.add_repo(ORG, tmp_path / "none.git")
        here = (tmp_path / "served").as_uri()
        (tmp_path / "gitconfig").write_text(f'[url "{here}/"]\ninsteadOf = {server.url}/\n')
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
        yield server


def test_an_organisation(patchkit, forge):
    wanted = ("scan", "--mirror-org", f"{forge.url}/{ORG}", "--class", PG, "--format", "json")
    result = patchkit(*wanted)
    assert result.code == 0, result.err
    assert cells(result.out).keys() == set(NAMES)
    assert "left out: none (empty), old (archived)" in result.err
    assert all(len(row["commit"]) == 40 for row in json.loads(result.out))
    assert [one for one in forge.asked if "page=" in one]
    assert cells(patchkit(*wanted, "--only", "wiki*").out).keys() == {"wikijs"}


def test_lint_names_the_class_that_cures(patchkit, recipes):
    where = ("lint", "--in", recipes / "wikijs")
    text = patchkit(*where).out
    blocks = {block.split("]")[0].rpartition("[")[2]: block for block in text.split("\n\n")}
    assert {"hot-data-backup", "old-backup-label"} <= blocks.keys()
    specs = [yaml.safe_load(path.read_text()) for path in (ROOT / "fixes/classes").glob("*.yml")]
    for rule in ("hot-data-backup", "old-backup-label"):
        told = {line.split()[3] for line in blocks[rule].split("\n") if "  cure: " in line}
        assert told == {f"classes/{one['id']}" for one in specs if rule in one.get("cures", ())}
    rules = json.loads(patchkit(*where, "--format", "json").out)[0]["rules"]
    cured = {rule["rule"] for rule in rules if PG in rule["cured_by"]}
    spec = yaml.safe_load((ROOT / "fixes/classes/pg-backup.yml").read_text())
    assert cured == set(spec["cures"])
    sarif = json.loads(patchkit(*where, "--format", "sarif").out)
    helps = {r["id"]: r["help"]["text"] for r in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert {name for name, text in helps.items() if PG in text} == cured
    assert PG in patchkit("explain", "hot-data-backup").out
