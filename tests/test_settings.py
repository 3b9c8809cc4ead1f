"""Settings: from which file, in which order, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchkit.errors import SettingsError, UsageError
from patchkit.settings import settings_for

TOML = """\
mirror = "https://a.example.com/m/{recipe}.git"
forge = "gitea"
rounds = 2

[profiles.github]
mirror = "https://github.com/o/{recipe}"
forge = "github"

[recipes.gitea]
status = "own/ci"
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "patchkit.toml"
    path.write_text(TOML)
    return path


def known(file: Path, recipe: str = "x", env=None, **options):
    return settings_for(recipe, folder=file.parent, environment=env or {}, **options)


def test_file(file):
    settings = known(file)
    assert settings.mirror_of("x") == "https://a.example.com/m/x.git"
    assert (settings.forge, settings.rounds, settings.status) == ("gitea", 2, "cc-ci/testme")


def test_above_the_folder(file, tmp_path):
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert settings_for("x", folder=below, environment={}).rounds == 2


def test_none(tmp_path):
    settings = settings_for("x", folder=tmp_path, environment={})
    assert settings.mirror_of("x") is None


def test_own_project():
    settings = settings_for("gitea", folder=Path(__file__).parent, environment={})
    assert settings.mirror_of(
        "gitea",
    ) == ("https://git.autonomic.zone/recipe-maintainers/gitea.git")
    assert settings.upstream_of("gitea") == "https://git.coopcloud.tech/coop-cloud/gitea.git"


def test_recipe_goes_before(file):
    assert known(file, "gitea").status == "own/ci"


@pytest.mark.parametrize("how", [{"profile": "github"}, {"env": {"PATCHKIT_PROFILE": "github"}}])
def test_profile_goes_before(file, how):
    assert known(file, **how).mirror_of("x") == "https://github.com/o/x"


def test_variables_go_before_all(file):
    env = {"PATCHKIT_STATUS": "env/ci", "PATCHKIT_MIRROR": "https://b/{recipe}"}
    settings = known(file, "gitea", env, profile="github")
    assert (settings.status, settings.mirror_of("g")) == ("env/ci", "https://b/g")


def test_no_such_profile(file):
    with pytest.raises(UsageError, match="no profile gitlab") as raised:
        known(file, profile="gitlab")
    assert "github" in raised.value.problems[0].hint


def test_every_mistake_with_its_place(file):
    file.write_text(TOML.replace("rounds = 2", 'rounds = "2"\nmirorr = "x"'))
    with pytest.raises(SettingsError) as raised:
        known(file)
    rows = [(p.place.line, p.message.split(":")[0]) for p in raised.value.problems]
    assert rows == [(3, "setting rounds"), (4, 'unknown setting "mirorr"')]


def test_a_profile_that_is_not_used_is_judged_too(file):
    file.write_text(TOML.replace('forge = "github"', 'forge = "gitlab"'))
    with pytest.raises(SettingsError, match="setting forge"):
        known(file)


def test_braces(file):
    file.write_text('mirror = "https://x/{name}.git"\n')
    with pytest.raises(SettingsError, match="may stand in braces"):
        known(file)


def test_no_toml(file):
    file.write_text("mirror = \n")
    with pytest.raises(SettingsError) as raised:
        known(file)
    assert str(raised.value.place) == f"{file}:1:10"


def test_a_pyproject_of_somebody_else_is_passed_over(file, tmp_path):
    below = tmp_path / "project"
    below.mkdir()
    (below / "pyproject.toml").write_text("[tool.other]\nx = 1\n")
    assert settings_for("x", folder=below, environment={}).rounds == 2


@pytest.mark.parametrize(
    "url", ["https://ci.example.com/results.json", "file:///runs/{run}", "https://x/{run}/{who}"]
)
def test_results_that_name_no_run(file, url):
    file.write_text(f'results = "{url}"\n')
    with pytest.raises(SettingsError, match=r"HTTP with \{run\} in it"):
        known(file)


def test_results(file):
    file.write_text('results = "https://ci.example.com/runs/{run}/results.json"\n')
    assert known(file).results == "https://ci.example.com/runs/{run}/results.json"


def test_what_authors_test_fixes_with_is_no_setting_of_a_mirror(file):
    file.write_text(f'{TOML}\n[testing]\nsamples = "tests/recipes"\n')
    assert known(file).rounds == 2
