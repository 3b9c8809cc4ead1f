"""Every rule: what it must let pass and why, then what it must find, at the very place."""

from __future__ import annotations

import pytest
from small_recipe import COMPOSE, FILES, SMALL, changed, check_fails, check_holds

from patchkit.lint import RULES, State, lint
from patchkit.tree import RecipeTree

C = "compose.yml"
OVER = "compose.mail.yml"
E = ".env.sample"


def test_every_rule_holds_for_the_small_recipe():
    report = lint(SMALL, base=SMALL, tags={"1.0.0+1.24.6": True})
    assert [str(finding) for finding in report.findings] == []
    unjudged = [r.rule.ref for r in report.results if r.state is State.NOT_JUDGED]
    assert unjudged == ["R006", "R013"]


# Each: the rule, the file, words of it, what stands there instead.
HOLDS = {
    "a variable in a label is filled in at deploy": (
        "invalid-compose", C, "traefik.enable=true", "x=${X:-5m}",
    ),
    "a memory size has a unit": (
        "invalid-compose", C, "      labels:\n        - traefik",
        "      resources: {limits: {memory: 4G}}\n      labels:\n        - traefik",
    ),
    "an extension may hold anything": (
        "invalid-compose", C, "volumes:\n  config", "x-any: [{a: 1}]\nvolumes:\n  config",
    ),
    "words of a command may repeat": (
        "invalid-compose", C, "    image: postgres:16.10-alpine",
        "    image: postgres:16.10-alpine\n    command: [postgres, -c, a=1, -c, b=2]",
    ),
    "disabled is decided": (
        "no-healthcheck", C, "test: pg_isready", "disable: true",
    ),
    "a registry's port is no tag, and a tag follows": (
        "untagged-image", C, "gitea/gitea:", "docker.example:5000/gitea/gitea:",
    ),
    "the default of a variable is the tag": (
        "unstable-tag", C, "1.24.6-rootless", "${TAG:-1.24.6}",
    ),
    "a v in front is usual": ("odd-image-tag", C, "1.24.6-rootless", "v1.24.6"),
    "whole versions of postgres have two parts": (
        "moving-image-tag", C, "16.10-alpine", "16.10",
    ),
    "a digest pins whatever the tag says": (
        "moving-image-tag", C, "1.24.6-rootless", f"1.24@sha256:{'0' * 64}",
    ),
    "a default is a version": (
        "config-version-not-vendored", C, "${APP_INI_VERSION}", "${OTHER_VERSION:-v3}",
    ),
    "twelve characters": ("long-secret-name", C, "db_password", "db_password1"),
    "an overlay needs no image of its own": ("orphaned-service", OVER, "MAIL", "POST"),
    "every stack has a default network": (
        "dangling-reference", C, "networks: [internal]", "networks: [default]",
    ),
    "a variable may name what is there": (
        "dangling-reference", C, "- config:/etc", "- ${WHICH}:/etc",
    ),
    "a link with another name for it": (
        "dangling-reference", OVER, "    environment", "    links: ['db:dbs']\n    environment",
    ),
    "processes of the host are no service's": (
        "dangling-reference", OVER, "    environment", "    pid: host\n    environment",
    ),
    "a folder of the host is no volume": (
        "dangling-reference", C, "- config:/etc", "- ./config:/etc",
    ),
    "a hook that writes nothing needs no restore": (
        "dump-without-restore", C, "- traefik.enable=true",
        "- backupbot.backup.pre-hook=occ maintenance:mode --on",
    ),
    "the volume is left out": (
        "hot-data-backup", C, "volumes.postgres.path: backup.sql", "volumes.postgres: false",
    ),
    "nothing is backed up": (
        "hot-data-backup", C, "backupbot.backup=${ENABLE_BACKUPS:-true}", "a=b",
    ),
    "switched off is no switch": (
        "two-backup-switches", C, "backupbot.backup.pre-hook: /pg_backup.sh backup",
        "backupbot.backup: 'false'",
    ),
    "the switch may be the operator's": (
        "hook-without-switch", C, "${ENABLE_BACKUPS:-true}", "${ENABLE_BACKUPS}",
    ),
    "images have scripts of their own": (
        "hook-script-not-mounted", C, "/pg_backup.sh backup", "/usr/local/bin/dump.sh",
    ),
    "a script in a volume": (
        "hook-script-not-mounted", C, "/pg_backup.sh backup",
        "sh /var/lib/postgresql/data/dump.sh",
    ),
    "the current path is relative to the volume": (
        "old-backup-label", C, "path: backup.sql", "path: dump",
    ),
    "over a network of its own": (
        "shared-network-collision", C, "HOST=${STACK_NAME}_db", "URL=http://db:5432",
    ),
    "the stack's name makes it its own": (
        "shared-network-collision", C, "    networks: [internal]\n",
        "    networks: [internal, proxy]\n",
    ),
    "nobody can write there anyway": (
        "read-only-config-in-volume", C,
        "target: /app.ini.tmpl\n    volumes:\n      - config:/etc/gitea",
        "target: /etc/gitea/app.ini\n    volumes:\n      - config:/etc/gitea:ro",
    ),
    "a folder that begins alike": (
        "read-only-config-in-volume", C, "/app.ini.tmpl", "/etc/gitea-templates/app.ini",
    ),
    "an escaped dollar is no variable": (
        "non-literal-duration", C, "test: pg_isready", "test: pg_isready -U $${USER}",
    ),
    "the longest name that fits": (
        "secret-name-too-long", C, "_db_password_", "_abcdefghijklmn_",
    ),
    "on offer in .env.sample": (
        "env-without-default", C, "${TITLE:-Git}", "${TITLE}",
    ),
    "passed on as it is, or not at all": (
        "env-without-default", OVER, "MAIL=true", "MAIL_FROM",
    ),
    "a shell's own variable": (
        "env-without-default", C, "${TITLE:-Git}", "$${HOME}",
    ),
    "used by an overlay": (
        "unused-definition", OVER, "    environment", "    volumes: [logs:/logs]\n    environment",
    ),
    "restarted whatever happens": (
        "on-failure-restart", C, "condition: any", "condition: any  # on-failure",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "path", "old", "new"), HOLDS.values(), ids=HOLDS)
def test_holds(rule, path, old, new):
    check_holds(rule, changed(path, old, new))


FAILS = {
    "a duration with a variable": (
        "invalid-compose", C, "start_period: 2m", "start_period: §${X:-5m}",
    ),
    "a number with a variable": (
        "invalid-compose", C, "start_period: 2m", "retries: §${X:-5}",
    ),
    "a port with a variable": (
        "invalid-compose", OVER, "    environment",
        "    ports: [§'${PORT:-80}:80']\n    environment",
    ),
    "a service that is null": ("invalid-compose", OVER, "  app:", "  §web:\n  app:"),
    "services that are a list": (
        "invalid-compose", "compose.list.yml", "", 'version: "3.8"\nservices: §[app]\n',
    ),
    "a label of the wrong type": (
        "invalid-compose", C, "backup.volumes.postgres.path: backup.sql",
        "backup.volumes.postgres: §false",
    ),
    "a key that Compose knows and Swarm does not": (
        "invalid-compose", OVER, "    environment", "    §profiles: [a]\n    environment",
    ),
    "a top-level key": ("invalid-compose", OVER, "services", "§name: small\nservices"),
    "a version that is a number": ("invalid-compose", OVER, '"3.8"', "§3.8"),
    "files of two versions": ("invalid-compose", OVER, 'version: "3.8"', '§version: "3.7"'),
    "a key twice": (
        "invalid-compose", OVER, "      - MAIL=true\n",
        "      - MAIL=true\n    §environment: [A=b]\n",
    ),
    "an empty overlay": ("invalid-compose", "compose.empty.yml", "", "§"),
    "an empty list": ("invalid-compose", OVER, "    env", "    secrets: §[]\n    env"),
    "an env file that is not there": (
        "invalid-compose", OVER, "    environment", "    env_file: §mail.env\n    environment",
    ),
    "another version everywhere": (
        "unexpected-compose-version", C, 'version: "3.8"', '§version: "3.9"',
    ),
    "no healthcheck": (
        "no-healthcheck", C, "  db:\n    image: postgres:16.10-alpine",
        ("  §web:\n    image: a:1.0.0\n  §cron:\n    image: b:1.0.0\n"
        "  db:\n    healthcheck: {test: x}"),
    ),
    "no tag": ("untagged-image", C, "gitea/gitea:1.24.6-rootless", "§docker.example:5000/gitea"),
    "latest": ("unstable-tag", C, "postgres:16.10-alpine", '§"postgres:latest"'),
    "untagged is latest": ("unstable-tag", C, "postgres:16.10-alpine", "§postgres"),
    "a date": ("odd-image-tag", C, "gitea/gitea:1.24.6-rootless", "§minio:RELEASE.2025-09-07"),
    "a README without a value": (
        "empty-metadata", "README.md", "* **Backups**: Yes", "* **§Backups**: ",
    ),
    "a README without a field": (
        "empty-metadata", "README.md", "<!-- metadata -->\n\n* **Category**: Apps",
        "§<!-- metadata -->\n\n",
    ),
    "a README without metadata": (
        "empty-metadata", "README.md", "# Small\n\n<!-- metadata", "§# Small",
    ),
    "no app": ("no-app-service", C, "services:\n  app:", "§services:\n  web:"),
    "no router": ("no-traefik-routing", C, "  app:", "  §app:"),
    "an image that only an overlay lacks": (
        "service-without-image", OVER, "services:\n",
        "services:\n  §sidekiq:\n    environment: [A=b]\n",
    ),
    "the same, by its own name": (
        "orphaned-service", OVER, "services:\n", "services:\n  §sidekiq: {environment: [A=b]}\n",
    ),
    "not exported": (
        "config-version-not-vendored", C, "${STACK_NAME}_app_ini_${APP_INI_VERSION}",
        "§${STACK_NAME}_app_ini_${APP_CONFIG_VERSION}",
    ),
    "no name": (
        "unvendored-config", C, "  app_ini:\n    name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}\n",
        "  §app_ini:\n",
    ),
    "a default only": (
        "unvendored-config", C, "name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}",
        "name: §${STACK_NAME}_app_ini_${OTHER_VERSION:-v3}",
    ),
    "thirteen characters": (
        "long-secret-name", C, "\n  db_password:",
        "\n  §smtp_password:\n    external: true\n  db_password:",
    ),
    "a service that is called otherwise": (
        "dangling-reference", C, "depends_on:\n      - db", "depends_on:\n      - §database",
    ),
    "a config in the long form": (
        "dangling-reference", C, "source: app_ini", "source: §app_toml",
    ),
    "a secret in a flow list": (
        "dangling-reference", OVER, "    environment", "    secrets: [§smtp_pw]\n    environment",
    ),
    "a volume in the short form": ("dangling-reference", C, "- config:/etc", "- §conf:/etc"),
    "a network in the mapping form": (
        "dangling-reference", C, "networks: [internal]", "networks: {§inner: {aliases: [a]}}",
    ),
    "a link": (
        "dangling-reference", OVER, "    environment", "    links: [§database:db]\n    environment",
    ),
    "the processes of a service": (
        "dangling-reference", OVER, "    environment", "    pid: §service:web\n    environment",
    ),
    "volumes of a service": (
        "dangling-reference", OVER, "    environment",
        "    volumes_from: [container:web, §web:ro]\n    environment",
    ),
    "a file that is not there": (
        "dangling-reference", C, "file: app.ini.tmpl", "file: §app.toml.tmpl",
    ),
    "a dump that nothing loads": (
        "dump-without-restore", C,
        ("        backupbot.backup.pre-hook: /pg_backup.sh backup\n"
        "        backupbot.backup.volumes.postgres.path: backup.sql\n"
        "        backupbot.restore.post-hook: /pg_backup.sh restore"),
        "        §backupbot.backup.pre-hook: sh -c 'pg_dump x > /dump.sql'",
    ),
    "a bare restore is no hook": (
        "dump-without-restore", C,
        ("backupbot.backup.pre-hook: /pg_backup.sh backup\n"
        "        backupbot.backup.volumes.postgres.path: backup.sql\n"
        "        backupbot.restore.post-hook: /pg_backup.sh restore"),
        "§backupbot.backup.pre-hook: /pg_backup.sh backup\n        backupbot.restore: 'true'",
    ),
    "the whole data directory": (
        "hot-data-backup", C,
        ("- postgres:/var/lib/postgresql/data\n    networks: [internal]\n    healthcheck:\n"
        "      test: pg_isready\n    deploy:\n      labels:\n"
        "        backupbot.backup.pre-hook: /pg_backup.sh backup\n"
        "        backupbot.backup.volumes.postgres.path: backup.sql"),
        "- §postgres:/var/lib/postgresql/data\n    deploy:\n      labels:",
    ),
    "the old label over it": (
        "hot-data-backup", C, "backupbot.backup.volumes.postgres.path: backup.sql",
        "§backupbot.backup.path: /var/lib/postgresql/data/",
    ),
    "a second switch": (
        "two-backup-switches", C, "backupbot.backup.pre-hook: /pg_backup.sh backup",
        "§backupbot.backup: 'true'",
    ),
    "hooks and no switch": (
        "hook-without-switch", C,
        "backupbot.backup=${ENABLE_BACKUPS:-true}", "§backupbot.backup.post-hook=rm /x",
    ),
    "a volume by another name": (
        "unknown-backup-volume", C, "backupbot.backup.volumes.postgres.path",
        "§backupbot.backup.volumes.postgres_data.path",
    ),
    "a script that another service mounts": (
        "hook-script-not-mounted", C, "- traefik.enable=true",
        "- §backupbot.backup.pre-hook=/pg_backup.sh backup",
    ),
    "an absolute path": (
        "old-backup-label", C, "- traefik.enable=true", "- §backupbot.backup.path=/data",
    ),
    "restore alone": ("old-backup-label", C, "- traefik.enable=true", "- §backupbot.restore=true"),
    "a container's label": (
        "old-backup-label", OVER, "    environment",
        "    labels: {§backupbot.backup.path: /data}\n    environment",
    ),
    "a config in a writable volume": (
        "read-only-config-in-volume", C, "target: /app.ini.tmpl", "target: §/etc/gitea/app.ini",
    ),
    "two parts": ("moving-image-tag", C, "gitea/gitea:1.24.6-rootless", "§bluesky-social/pds:0.4"),
    "one part of postgres": ("moving-image-tag", C, "postgres:16.10-alpine", "§postgres:16-alpine"),
    "a word": ("moving-image-tag", C, "postgres:16.10-alpine", "§postgres:latest"),
    "a duration": (
        "non-literal-duration", C, "start_period: 2m", 'start_period: §"${START:-5m}"',
    ),
    "a number of replicas": (
        "non-literal-duration", OVER, "    environment",
        "    deploy: {replicas: §$N}\n    environment",
    ),
    "a published port": (
        "non-literal-duration", OVER, "    environment",
        "    ports:\n      - target: 80\n        published: §${PORT}\n    environment",
    ),
    "sixty-five characters": (
        "secret-name-too-long", C, "${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}",
        "§${STACK_NAME}_abcdefghijklmno_${SECRET_DB_PASSWORD_VERSION}",
    ),
    "neither default nor setting": (
        "env-without-default", C, "- TITLE=${TITLE:-Git}", "- §LIMIT=a-${LIMIT}-b",
    ),
    "a mapping's variable": (
        "env-without-default", OVER, "      - MAIL=true", "      §MAIL: $MAIL_FROM",
    ),
    "a secret that nothing reads": (
        "unused-definition", C, "secrets:\n  db_password:",
        "secrets:\n  §old: {external: true}\n  db_password:",
    ),
    "a job's policy": ("on-failure-restart", C, "condition: any", "condition: §on-failure"),
}  # fmt: skip

# What a case changes beside the words that it names.
BESIDE = {
    "another version everywhere": {OVER: [("3.8", "3.9")]},
    "no app": {OVER: [("app", "web")]},
    "no router": {C: [("enable=true", "enable=false")]},
    "hooks and no switch": {
        C: [("backupbot.backup.pre", "§backupbot.backup.pre"), ("backupbot.res", "§backupbot.res")]
    },
}


@pytest.mark.parametrize("name", FAILS)
def test_fails(name):
    rule, path, old, new = FAILS[name]
    files = changed(path, old, new)
    for other, pairs in BESIDE.get(name, {}).items():
        for before, after in pairs:
            files[other] = files[other].replace(before, after)
    check_fails(rule, files)


def test_without_env_sample():
    files = {path: text for path, text in FILES.items() if path != E}
    report = lint(RecipeTree.from_files(files))
    for rule in ("missing-env-sample", "no-env-sample"):
        assert [str(f.place) for f in report.result(rule).findings] == [".env.sample:1:1"]
    assert not report.passed


def test_without_readme_and_compose():
    report = lint(RecipeTree.from_files({E: "A=b\n"}))
    assert [str(f.place) for f in report.result("empty-metadata").findings] == ["README.md:1:1"]
    assert [str(f.place) for f in report.result("invalid-compose").findings] == ["compose.yml:1:1"]


def test_routing_is_not_judged_where_nothing_is_routed():
    result = lint(RecipeTree.from_files(changed(E, "DOMAIN=", "#DOMAIN="))).result(
        "no-traefik-routing"
    )
    assert result.state is State.NOT_JUDGED
    assert "DOMAIN" in result.reason


def test_lightweight_tag():
    report = lint(SMALL, tags={"1.0.0+1.24.6": True, "1.1.0+1.24.6": False})
    (finding,) = report.result("lightweight-tag").findings
    assert finding.place.path == "refs/tags/1.1.0+1.24.6"
    assert lint(SMALL).result("lightweight-tag").state is State.NOT_JUDGED


def test_shared_network_collision():
    """In a command, and in a config of a peer; not in the docs, nor where only this stack is."""
    compose = COMPOSE.replace("    networks: [internal]\n", "    networks: [internal, proxy]\n")
    compose = compose.replace("HOST=${STACK_NAME}_db", "URL=http://§db:5432")
    ini = "[server]\n# tasks.db and ${STACK_NAME}_db are its own\nHOST = §db:5432\n"
    files = FILES | {
        C: compose,
        "app.ini.tmpl": ini,
        "README.md": FILES["README.md"] + "http://db:1",
    }
    check_fails("shared-network-collision", files)


class TestStaleConfigVersion:
    RULE = "stale-config-version"

    def test_not_judged_without_base(self):
        assert lint(SMALL).result(self.RULE).state is State.NOT_JUDGED

    def test_raised(self):
        files = changed("abra.sh", "APP_INI_VERSION=v1", "APP_INI_VERSION=v2")
        check_holds(self.RULE, files | {"app.ini.tmpl": "[other]\n"}, base=SMALL)

    def test_another_file_changed(self):
        check_holds(self.RULE, changed("README.md", "# Small", "# Smaller"), base=SMALL)

    def test_new_config(self):
        files = {path: text for path, text in FILES.items() if path != "app.ini.tmpl"}
        base = RecipeTree.from_files(files | {C: COMPOSE.replace("app_ini", "other")})
        check_holds(self.RULE, FILES, base=base)

    def test_not_raised(self):
        files = FILES | {
            "app.ini.tmpl": "[other]\n",
            "abra.sh": FILES["abra.sh"].replace("APP_INI", "§APP_INI"),
        }
        report = check_fails(self.RULE, files, base=SMALL)
        assert "APP_INI_VERSION=v2" in report.result(self.RULE).findings[0].hint


def test_new_variable_without_default():
    """An .env file that was made before the variable lacks it, whatever .env.sample says now."""
    files = changed(C, "- TITLE=${TITLE:-Git}", "- §LIMIT=${LIMIT}")
    files[E] += "LIMIT=100M\n"
    check_fails("env-without-default", files, base=SMALL)
    clean = {path: text.replace("§", "") for path, text in files.items()}
    check_holds("env-without-default", clean)
    check_holds("env-without-default", clean, base=RecipeTree.from_files(clean))


def test_aliases_and_merge_keys_are_followed():
    """The place is where the words stand, in the anchored part."""
    new = "x-policy: &policy\n  condition: §on-failure\n\nservices:\n"
    new += "  web:\n    deploy: {restart_policy: {<<: *policy}}\n"
    check_fails("on-failure-restart", changed(OVER, "services:\n", new))


def test_crlf_and_byte_order_mark():
    text = "\ufeff" + COMPOSE.replace("condition: any", "condition: §on-failure").replace(
        "\n", "\r\n"
    )
    check_fails("on-failure-restart", FILES | {C: text})


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_pages_are_whole(rule):
    assert rule.title.endswith(".")
    assert all((rule.why, rule.bad, rule.good, rule.fix))
    if rule.cure:
        from patchkit.ops import find_op

        assert find_op(rule.cure)


def test_names_and_refs():
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    refs = [rule.ref for rule in RULES if rule.ref.startswith("R")]
    assert refs == [f"R{number:03}" for number in range(1, 16)]
