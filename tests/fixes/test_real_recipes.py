"""Fixes on real recipes, as a maintainer would write them: the diff that is meant, and no more.

The specs lie in `real/`, and beside some of them the diff as a person wrote it down.
"""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from record_overlays import dummy_variables, stack_config
from unidiff import PatchSet
from variants import ROOT

from patchkit import RecipeTree, Verdict, load_fix, render
from patchkit.recipe.model import Recipe

SPECS = Path(__file__).parent / "real"
RECIPES = ROOT.parent / "shared" / "recipes"

pytestmark = pytest.mark.skipif(
    not RECIPES.is_dir(), reason="no real recipes lie in ../shared/recipes, beside this checkout"
)
needs_docker = pytest.mark.skipif(
    shutil.which("docker") is None, reason="docker is not on this machine"
)

# Shell files are left out of the recipes there. The versions are made up; other scripts are empty.
ABRA_SH = {
    "foodsharing-cms": "",
    "traefik": "export TRAEFIK_YML_VERSION=v8\nexport FILE_PROVIDER_YML_VERSION=v3\n"
    "export ENTRYPOINT_VERSION=v2\n",
    "custom-php": "export NGINX_DEFAULT_CONF_VERSION=v4\nexport PHP_UPLOADS_CONF_VERSION=v1\n"
    "export ENTRYPOINT_CONF_VERSION=v2\nexport ENTRYPOINT_MAILRELAY_CONF_VERSION=v1\n"
    "export MSMTP_CONF_VERSION=v3\n",
    "bonfire": "export APP_ENTRYPOINT_VERSION=v3\nexport PG_BACKUP_VERSION=v2\n"
    "export SONIC_CFG_VERSION=v1\nexport POSTGRES_CONF_TMPL_VERSION=v3\n",
}


@dataclass(frozen=True)
class Applies:
    """What a fix changes.

    Attributes:
        files: the files that differ.
        stack: patterns of the places in Docker's view that differ, each in some deployment.
    """

    files: set[str]
    stack: set[str]


APPLIES = {
    "cms-backup-paths": Applies(
        {"compose.yml"},
        {
            "services/app/deploy/labels/backupbot.backup.path",
            "services/app/deploy/labels/backupbot.backup.volumes.cms_data.path",
        },
    ),
    "cms-mail-key": Applies(
        {"compose.yml", ".env.sample", "release/next"},
        {
            "services/app/environment/MAIL_KEY_FILE",
            "services/app/secrets",
            "services/app/deploy/labels/coop-cloud.7.version",
            "secrets/mail_key/*",
        },
    ),
    "cms-rollback": Applies(
        {"compose.yml"},
        {
            "services/app/image",
            "services/app/healthcheck/start_period",
            "services/app/healthcheck/retries",
            "services/app/deploy/labels/coop-cloud.7.version",
            "services/app/deploy/rollback_config/order",
        },
    ),
    "cms-token": Applies(
        {"compose.yml", ".env.sample"},
        {
            "services/app/environment/CMS_TOKEN_FILE",
            "services/app/secrets",
            "secrets/cms_token/*",
        },
    ),
    "traefik-slow-start": Applies(
        {"compose.yml"},
        {
            "services/app/image",
            "services/app/healthcheck/start_period",
            "services/app/healthcheck/timeout",
            "services/app/deploy/labels/coop-cloud.7.app.version",
        },
    ),
    "traefik-host-ports": Applies({"compose.host.yml"}, {"services/app/ports"}),
    "traefik-matrix": Applies(
        {".env.sample", "abra.sh", "compose.matrix.yml", "traefik.yml.tmpl"}, set()
    ),
    "traefik-dynamic-file": Applies(
        {
            "abra.sh",
            "compose.yml",
            "dynamic.yml.tmpl",
            "file-provider.yml.tmpl",
            "traefik.yml.tmpl",
        },
        {"services/app/configs", "configs/file_provider_yml/file"},
    ),
    "traefik-ovh-key": Applies(
        {".env.sample", "compose.ovh.yml"},
        {
            "services/app/environment/OVH_APPLICATION_KEY",
            "services/app/environment/OVH_APPLICATION_KEY_FILE",
            "services/app/secrets",
            "secrets/ovh_app_key/*",
        },
    ),
    "traefik-logs": Applies(
        {".env.sample", "abra.sh", "compose.yml", "traefik.yml.tmpl"},
        {
            "services/app/environment/LOG_*",
            "services/app/volumes",
            "services/app/deploy/labels/backupbot.backup",
            "services/app/deploy/labels/backupbot.backup.volumes.logs",
            "volumes/logs",
        },
    ),
    "lemp-database": Applies(
        {"compose.yml", "release/next"},
        {
            "services/db/*",
            "services/database/*",
            "services/app/depends_on",
            "services/app/environment/DB_HOST",
        },
    ),
    "lemp-front": Applies(
        {
            "README.md",
            "abra.sh",
            "compose.mailrelay.yml",
            "compose.smtp.yml",
            "compose.yml",
            "nginx.conf",
            "release/next",
        },
        {"services/app/*", "services/frontend/*", "services/php/*"},
    ),
    "lemp-db-backup": Applies(
        {".env.sample", "abra.sh", "compose.yml", "db_backup.sh"},
        {
            "services/app/deploy/labels/backupbot.backup",
            "services/db/deploy/labels/backupbot.*",
            "services/db/configs",
            "configs/db_backup/*",
        },
    ),
    "lemp-aliases": Applies(
        {"compose.yml"},
        {
            "services/app/environment/DB_HOST",
            "services/app/networks/internal*",
            "services/db/networks/internal*",
        },
    ),
    "lemp-gzip": Applies(
        {"abra.sh", "compose.yml", "gzip.conf", "nginx.conf"},
        {"services/frontend/configs", "configs/nginx_gzip_conf/*"},
    ),
    "lemp-php": Applies(
        {"abra.sh", "compose.yml", "uploads.ini"}, {"services/app/image", "services/db/image"}
    ),
    "lemp-nginx-health": Applies(
        {"compose.yml"},
        {
            "services/frontend/healthcheck/*",
            "services/frontend/deploy/restart_policy/condition",
        },
    ),
    "lemp-mail-from-nginx": Applies(
        {"compose.mailrelay.yml", "compose.smtp.yml"},
        {
            "services/*/environment/SMTP_*",
            "services/*/environment/MAIL_FROM",
            "services/*/secrets",
        },
    ),
    "lemp-msmtp": Applies({"abra.sh", "msmtp.conf.tmpl"}, set()),
    "lemp-dead-config": Applies(
        {"abra.sh", "compose.yml", "entrypoint.sh.tmpl"}, {"configs/entrypoint_conf/*"}
    ),
    "bonfire-drop-search": Applies(
        {".env.sample", "README.md", "abra.sh", "compose.sonic.yml", "release/next", "sonic.cfg"},
        set(),
    ),
    "bonfire-search-service": Applies(
        {".env.sample", "abra.sh", "compose.sonic.yml", "release/next", "sonic.cfg"},
        {
            "services/search/*",
            "services/app/depends_on",
            "services/app/environment/SONIC_HOST",
            "configs/sonic_cfg/*",
            "volumes/sonic-data",
        },
    ),
    "bonfire-search-on": Applies(
        {".env.sample", "compose.sonic.yml"},
        {
            "services/app/environment/SONIC_PASSWORD",
            "services/app/environment/SONIC_PASSWORD_FILE",
            "services/app/secrets",
            "secrets/sonic_pw/*",
        },
    ),
    "bonfire-first-boot": Applies(
        {".env.sample", "compose.postgres.yml", "compose.yml"},
        {
            "services/*/healthcheck/start_period",
            "services/app/deploy/restart_policy/condition",
            "services/app/logging/options/max-size",
        },
    ),
    "bonfire-release": Applies(
        {"compose.yml"},
        {"services/app/image", "services/app/deploy/labels/coop-cloud.7.version"},
    ),
    "bonfire-database-name": Applies(
        {"compose.postgres.yml"}, {"services/*/environment/POSTGRES_DB"}
    ),
    "bonfire-database-user": Applies(
        {"compose.postgres.yml"},
        {
            "services/db/environment/POSTGRES_USER",
            "services/app/environment/POSTGRES_HOST",
            "services/app/environment/POSTGRES_HOSTNAME",
        },
    ),
    "bonfire-db-backup": Applies(
        {"compose.postgres.yml", "compose.yml"},
        {
            "services/db/deploy/labels/backupbot.backup",
            "services/db/deploy/labels/backupbot.backup.post-hook",
            "services/db/deploy/labels/backupbot.backup.volumes.db-data.path",
            "services/app/deploy/labels/backupbot.backup.volumes.upload-data",
        },
    ),
    "bonfire-shm": Applies({"compose.postgres.yml"}, {"services/db/volumes", "volumes/db-dumps"}),
    "bonfire-tuner": Applies(
        {
            ".env.sample",
            "abra.sh",
            "postgres/compose.postgres.tune.yml",
            "postgres/postgres.conf.tmpl",
            "postgres/postgresql.conf.tmpl",
        },
        {
            "services/db/environment/PG_CPUS",
            "services/db/configs",
            "configs/postgres_conf_tmpl/file",
        },
    ),
    "bonfire-github-secret": Applies(
        {"compose.auth.github.yml"},
        {"secrets/github_client_secret/*", "secrets/oauth_client_secret/*"},
    ),
    "bonfire-s3-mail-key": Applies(
        {"compose.s3.yml"}, {"services/app/secrets", "secrets/mail_key/*"}
    ),
    "bonfire-livebook": Applies(
        {".env.sample", "compose.yml"},
        {
            "services/app/environment/LIVEBOOK_PASSWORD_FILE",
            "services/app/secrets",
            "secrets/livebook_password/*",
        },
    ),
    "bonfire-postgres": Applies(
        {
            "compose.postgres.yml",
            "compose.yml",
            "postgres/compose.postgres.tune.yml",
            "release/next",
        },
        {
            "services/db/*",
            "services/postgres/*",
            "services/app/depends_on",
            "services/app/environment/POSTGRES_HOST",
        },
    ),
    "bonfire-logging": Applies(
        {"compose.postgres.yml", "compose.yml"}, {"services/db/logging/*", "x-logging/*"}
    ),
}

# Fixes that leave a question open: where, and what is asked.
OPEN = {
    "bonfire-backup-switch": (
        "compose.yml:96:3",
        "db has no image in a deployment of compose.yml",
    ),
    "bonfire-search-left": (
        "compose.sonic.yml:8:34",
        "this names the service search, which is gone",
    ),
    "bonfire-livebook-half": (
        "compose.yml:56:9",
        "this names /run/secrets/livebook_password, a secret that app has no more",
    ),
}

# Fixes that are refused: where, and what to do instead.
REFUSED = {
    "bonfire-database-alias": (
        "compose.postgres.yml:63:11",
        "say `on_alias: expand` to write it out here, or `on_alias: edit-anchor` to change"
        " &postgres-env for all 2 users",
    ),
    "bonfire-image": (
        "compose.yml:6:5",
        "or change the default in ${APP_VERSION:-1.0.6} with text.replace",
    ),
    "lemp-msmtp-ini": ("msmtp.conf.tmpl", "change it with text.insert or text.replace"),
    "traefik-middlewares": (
        "compose.yml:47:11",
        "compose.yml:47:11, compose.keycloak.yml:8:11",
    ),
}

DIFFS = sorted(path.stem for path in SPECS.glob("*.diff"))


@functools.cache
def recipes():
    """Return the real recipes by what they call themselves, with the files that are left out."""
    found = {}
    for folder in sorted(RECIPES.iterdir()):
        tree = RecipeTree.from_dir(folder)
        name = re.search(r"^TYPE=(\S+)", tree.text(".env.sample"), re.MULTILINE)[1]
        found[name] = with_shell_files(tree, ABRA_SH[name])
    return found


def with_shell_files(tree, abra_sh):
    files = {
        config["file"]
        for data in Recipe(tree).data.values()
        for config in data.get("configs", {}).values()
    }
    for path in files - set(tree.paths()):
        tree = tree.with_file(path, "#!/bin/sh\n")
    return tree.with_file("abra.sh", abra_sh) if abra_sh else tree


@functools.cache
def rendered(name):
    fix = load_fix(SPECS / f"{name}.yml")
    return fix, render(fix, recipes()[fix.repository])


def test_every_spec_has_its_verdict():
    assert {path.stem for path in SPECS.glob("*.yml")} == {*APPLIES, *OPEN, *REFUSED}


@pytest.mark.parametrize("name", APPLIES)
def test_changes_the_files_that_are_meant(name):
    _, patch = rendered(name)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    assert patch.findings == ()
    assert set(patch.tree.changed_paths(patch.base)) == APPLIES[name].files


@pytest.mark.parametrize("name", APPLIES)
def test_second_time_changes_nothing(name):
    fix, patch = rendered(name)
    again = render(fix, patch.tree)
    assert again.verdict is Verdict.FIXED, again.reasons or again.changes
    assert (again.diff(), again.tree) == ("", patch.tree)


@pytest.mark.parametrize("name", DIFFS)
def test_diff_is_the_one_that_a_person_wrote(name):
    _, patch = rendered(name)
    assert patch.diff(context=1) == (SPECS / f"{name}.diff").read_text()


@pytest.mark.parametrize("name", [*APPLIES, *OPEN])
def test_git_makes_the_same_of_the_diff(name, tmp_path):
    _, patch = rendered(name)
    assert len(PatchSet(patch.diff())) > 0
    patch.base.write(tmp_path / "recipe")
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=tmp_path / "recipe",
        input=patch.diff().encode(),
        check=True,
        env={"GIT_CEILING_DIRECTORIES": str(tmp_path), "PATH": "/usr/bin:/bin:/usr/local/bin"},
    )
    assert RecipeTree.from_dir(tmp_path / "recipe") == patch.tree


@pytest.mark.parametrize("name", OPEN)
def test_open_question_says_where_and_what(name):
    _, patch = rendered(name)
    assert patch.verdict is Verdict.APPLIES
    assert [(str(f.place), f.message) for f in patch.findings] == [OPEN[name]]
    assert all(finding.hint for finding in patch.findings)


@pytest.mark.parametrize("name", REFUSED)
def test_refusal_says_where_and_what_to_do(name):
    _, patch = rendered(name)
    assert (patch.verdict, patch.tree) == (Verdict.DRIFTED, patch.base)
    (reason,) = patch.reasons
    place, words = REFUSED[name]
    assert str(reason.place) == place
    assert words in f"{reason.message}\n{reason.hint}"


SHIPPED = [load_fix(path) for path in sorted((ROOT / "fixes").glob("*.yml"))]


@pytest.mark.parametrize("fix", [fix for fix in SHIPPED if fix.for_recipe], ids=lambda fix: fix.id)
@pytest.mark.parametrize("recipe", ABRA_SH)
def test_shipped_fix_says_that_the_recipe_is_another_one(fix, recipe):
    patch = render(fix, recipes()[recipe])
    assert patch.verdict is Verdict.DRIFTED
    said = f"the fix is for {fix.repository}, and this recipe calls itself {recipe}"
    assert (patch.reasons[0].message, str(patch.reasons[0].place)) == (said, ".env.sample:1:1")
    assert len(patch.reasons) > 1


# --- what Docker makes of it --------------------------------------------------------------------


def deployments(tree):
    """Return the lists of compose files to try: those offered, other overlays, all in one."""
    recipe = Recipe(tree)
    base, *overlays = recipe.compose_paths
    offered = [(base,), *recipe.combinations]
    known = {file for files in offered for file in files}
    others = [(base, overlay) for overlay in overlays if overlay not in known]
    return list(dict.fromkeys([*offered, *others, (base, *overlays)]))


@pytest.fixture(scope="module")
def view(tmp_path_factory):
    """Return Docker's view of each deployment of a tree: values by place, or what it refuses."""

    @functools.cache
    def of(tree):
        folder = tmp_path_factory.mktemp("recipe")
        tree.write(folder)
        return {files: seen([folder / file for file in files]) for files in deployments(tree)}

    return of


def seen(files):
    done = stack_config(files, dict.fromkeys(dummy_variables(files), "7"))
    assert done.returncode == 0, done.stderr
    text = done.stdout.replace(str(files[0].parent), "")
    return dict(places(yaml.load(text, yaml.CSafeLoader)))


def places(value, path=""):
    """Yield every place of a stack with its value; a list, whose order may vary, is one place."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from places(item, f"{path}/{key}" if path else key)
    elif isinstance(value, list):
        yield path, sorted(json.dumps(item, sort_keys=True) for item in value)
    else:
        yield path, value


@needs_docker
@pytest.mark.parametrize("name", APPLIES)
def test_docker_sees_the_change_that_is_meant_and_no_other(name, view):
    _, patch = rendered(name)
    before, after, patterns = view(patch.base), view(patch.tree), APPLIES[name].stack
    changed = {
        place
        for files in before.keys() & after.keys()
        for place in before[files].keys() | after[files].keys()
        if before[files].get(place, ...) != after[files].get(place, ...)
    }
    fits = {pattern: {p for p in changed if fnmatchcase(p, pattern)} for pattern in patterns}
    assert changed - set().union(*fits.values()) == set()
    assert [pattern for pattern, hits in fits.items() if not hits] == []
