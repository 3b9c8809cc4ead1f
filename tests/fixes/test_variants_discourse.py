"""The fix of discourse on recipes that nobody has seen: what it makes, and what it leaves."""

from __future__ import annotations

import copy
import re

import pytest
from variants import (
    COMPOSE,
    Unindented,
    added,
    as_lists,
    as_mappings,
    bom,
    commented,
    crlf,
    dumped,
    each,
    fields_reversed,
    four_spaces,
    in_every_service,
    labels,
    labels_as_mapping,
    long_secrets,
    long_volumes,
    moved,
    no_final_newline,
    quoted_items,
    replaced,
    resub,
    same,
    sample,
    sections_reversed,
    services_reversed,
    then,
    view,
    without,
)

from patchkit import Verdict

NAMES = {
    "DISCOURSE_HOST": "DISCOURSE_HOSTNAME",
    "DISCOURSE_ENABLE_HTTPS": "DISCOURSE_FORCE_HTTPS",
    "DISCOURSE_SITE_NAME": "DISCOURSE_TITLE",
    "DISCOURSE_EMAIL": "DISCOURSE_DEVELOPER_EMAILS",
    "DISCOURSE_DATABASE_HOST": "DISCOURSE_DB_HOST",
    "DISCOURSE_DATABASE_PORT_NUMBER": "DISCOURSE_DB_PORT",
    "DISCOURSE_DATABASE_NAME": "DISCOURSE_DB_NAME",
    "DISCOURSE_DATABASE_USER": "DISCOURSE_DB_USERNAME",
    "DISCOURSE_DATABASE_PASSWORD": "DISCOURSE_DB_PASSWORD",
    "DISCOURSE_DATABASE_PASSWORD_FILE": "DISCOURSE_DB_PASSWORD_FILE",
    "DISCOURSE_REDIS_PORT_NUMBER": "DISCOURSE_REDIS_PORT",
    "DISCOURSE_SMTP_HOST": "DISCOURSE_SMTP_ADDRESS",
    "DISCOURSE_SMTP_PORT_NUMBER": "DISCOURSE_SMTP_PORT",
    "DISCOURSE_SMTP_USER": "DISCOURSE_SMTP_USER_NAME",
    "DISCOURSE_SMTP_AUTH": "DISCOURSE_SMTP_AUTHENTICATION",
}
GONE = {
    "ALLOW_EMPTY_PASSWORD",
    "DISCOURSE_USERNAME",
    "DISCOURSE_PASSWORD",
    "DISCOURSE_PASSWORD_FILE",
    "DISCOURSE_PASSENGER_SPAWN_METHOD",
    "DISCOURSE_PRECOMPILE_ASSETS",
    "DISCOURSE_SMTP_PROTOCOL",
}
PORT = "traefik.http.services.${STACK_NAME}.loadbalancer.server.port"
SMTP = {"DISCOURSE_SMTP_PASSWORD_FILE": "/run/secrets/smtp_password"}
GIVEN = {"compose.smtpauth.yml": (SMTP, ["smtp_password"])}


def official(variables):
    """Return variables of the image of Bitnami as the official image knows them."""
    return {NAMES.get(name, name): v for name, v in variables.items() if name not in GONE}


def orphaned(files, given=GIVEN, worker="sidekiq"):
    """Return what the compose files must say without the worker.

    `given` holds what the app gets in a file besides: variables and secrets.
    """
    after = copy.deepcopy(view(files))
    for path, data in after.items():
        data["services"].pop(worker, None)
        for body in data["services"].values():
            body["depends_on"] = [name for name in body.get("depends_on", []) if name != worker]
        if path in given:
            variables, secrets = given[path]
            app = data["services"].setdefault("app", {})
            app.setdefault("environment", {}).update(variables)
            app.setdefault("secrets", []).extend({"source": name} for name in secrets)
    return after


def migrated(files, given=GIVEN, **names):
    """Return what the compose files of a recipe with the image of Bitnami must say."""
    after = orphaned(files, given, **names)
    for data in after.values():
        for body in [data["services"].get("app", {})]:
            if "environment" in body:
                body["environment"] = official(body["environment"])
        for key in [key for key in data if key.startswith("x-")]:
            data[key] = official(data[key])
    base = after["compose.yml"]
    app = base["services"]["app"]
    app["image"] = "discourse/discourse:3.5.0"
    app["command"] = "/sbin/boot"
    app["environment"] |= {
        "DISCOURSE_FORCE_HTTPS": "true",
        "MIGRATE_ON_BOOT": "1",
        "PRECOMPILE_ON_BOOT": "1",
    }
    app["secrets"] = [entry for entry in app["secrets"] if entry["source"] != "admin_pw"]
    app["volumes"][0]["target"] = "/shared"
    if isinstance(app["healthcheck"]["test"], list):
        app["healthcheck"]["test"][-1] = "http://localhost/srv/status"
    labels(app)[PORT] = "80"
    for section, name in (
        ("volumes", "sidekiq_log"),
        ("secrets", "admin_pw"),
        ("configs", "sidekiq_yml"),
    ):
        base[section].pop(name, None)
    return after


FOLDERS = ("/opt/bitnami/discourse", "/var/www/discourse")
LOOP = """\
# The image reads no variable from a file: DISCOURSE_X_FILE=/run/secrets/x becomes DISCOURSE_X.
for variable in $(env | sed -n 's/^\\(DISCOURSE_[A-Z0-9_]*\\)_FILE=.*/\\1/p'); do
  file=$(printenv "${variable}_FILE") || continue # a line of another variable's value
  [ -n "$file" ] || continue
  value=$(cat "$file") || exit 1
  export "$variable=$value"
  unset "${variable}_FILE"
done

"""
MIGRATION = """\

The image is the official one of Discourse now. It keeps its files in another layout, so
make a backup in Discourse itself (Admin, Backups) and download it before this upgrade;
restore it afterwards the same way. Settings of the old image (`ADMIN_NAME` and the first
admin's password) have no meaning any more: whoever signs up with `ADMIN_EMAIL` is admin.
"""
REMOVAL = """\

The service `sidekiq` is gone. A deploy does not remove a service: the old
`sidekiq` goes on running beside the new ones until you remove what is left.
Right after this upgrade, run with your app's stack name:

    docker service rm ${STACK_NAME}_sidekiq
"""
VOLUME = """\

The volume `sidekiq_log` is no longer used. Its data stays on the server; once
you are sure that nothing in it is needed, remove it:

    docker volume rm ${STACK_NAME}_sidekiq_log
"""


def edited(text, *pairs):
    for old, new in pairs:
        text = re.sub(old, lambda _, new=new: new, text, flags=re.MULTILINE)
    return text


def texts(files):
    """Return what the other files of the released sample must say afterwards."""
    after = {
        ".env.sample": edited(
            files[".env.sample"],
            (r"^#PRECOMPILE_ASSETS=no\r?\n", ""),
            (r"^#SMTP_PROTOCOL=tls\r?\n", ""),
            (r"^SECRET_ADMIN_PW_VERSION=.*(\n|\Z)", ""),
        ),
        "entrypoint.sh.tmpl": edited(
            files["entrypoint.sh.tmpl"],
            (FOLDERS[0] + "/plugins", FOLDERS[1] + "/plugins"),
            (r"^exec .*entrypoint.sh ", LOOP + "exec "),
        ),
        "abra.sh": edited(
            files["abra.sh"],
            ("APP_ENTRYPOINT_VERSION=v5", "APP_ENTRYPOINT_VERSION=v6"),
            (r"^export SIDEKIQ_YML_VERSION=v1\n", ""),
            FOLDERS,
            ('"\\$DOMAIN" sidekiq', '"$DOMAIN" app'),
        ),
        "release/next": files.get("release/next", "") + MIGRATION + REMOVAL + VOLUME,
        "sidekiq.yml": None,
    }
    if "README.md" in files:
        after["README.md"] = edited(
            files["README.md"], ("logs <domain> sidekiq", "logs <domain> app")
        )
    return after


@pytest.fixture
def check(check_applies):
    """Check the fix on a variant of the released sample."""

    def run(variant, more=None, *, given=GIVEN, edit=lambda after: None, params=None, **names):
        files = variant(sample("discourse"))
        after = migrated(files, given, **names)
        edit(after)
        return check_applies(
            "discourse",
            files,
            after,
            texts(files) | (more or {}),
            # Most of what goes is the block of the worker.
            gone="",
            params=params,
        )

    return run


def no_extension(files):
    """Drop the section that the dumped variants do not use."""
    return resub("compose.smtpauth.yml", (r"^x-smtp-env:\n( .*\n)*", ""))(files)


PLAIN = {
    "the sample": same,
    "labels as a mapping": labels_as_mapping,
    "items in single quotes": each(COMPOSE)(quoted_items),
    "four spaces": four_spaces,
    "comments everywhere": commented,
    "CRLF": crlf(COMPOSE),
    "BOM": bom(COMPOSE),
    "no final newline": no_final_newline(COMPOSE),
    "no README": without("README.md"),
    "another registry": resub(COMPOSE, (r"image: ", "image: registry.example.com:5000/mirror/")),
    "an image with variables": resub(
        COMPOSE,
        (r"image: bitnamilegacy/(.*):(.*)$", r"image: ${IMAGE:-bitnamilegacy/\1}:${TAG:-\2}"),
    ),
    "digests": resub(COMPOSE, (r"(image: .*)$", rf"\1@sha256:{'0f' * 32}")),
    "written by a program": then(dumped(), no_extension),
    "lists not indented": then(dumped(dumper=Unindented), no_extension),
    "four spaces, lists indented": then(dumped(indent=4), no_extension),
    "services in another order": then(dumped(services_reversed), no_extension),
    "sections in another order": then(dumped(sections_reversed), no_extension),
    "fields in another order": then(dumped(fields_reversed), no_extension),
    "all as lists": then(dumped(in_every_service(as_lists)), no_extension),
    "all as mappings": then(dumped(in_every_service(as_mappings)), no_extension),
    "volumes in the long syntax": then(dumped(in_every_service(long_volumes)), no_extension),
    "secrets in the long syntax": then(dumped(in_every_service(long_secrets)), no_extension),
}


@pytest.mark.parametrize("name", PLAIN)
def test_applies(name, check):
    check(PLAIN[name])


WORKER = "    environment: &discourse-env\n"
PASSWORD = "      DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password\n"
HELD = "    secrets:\n      - smtp_password\n"

ANCHORED = {
    "a list of several services": replaced(
        "compose.yml",
        (
            '    networks:\n      - internal\n    healthcheck:\n      test: ["CMD", "pgrep"',
            '    networks: &inner\n      - internal\n    healthcheck:\n      test: ["CMD", "pgrep"',
        ),
        ("    networks: [internal]\n", "    networks: *inner\n"),
    ),
    "a value of the app": replaced(
        "compose.yml",
        ("DISCOURSE_HOST: ${DOMAIN}", "DISCOURSE_HOST: &host ${DOMAIN}"),
        (
            "      DISCOURSE_EMAIL: ${ADMIN_EMAIL}\n",
            "      DISCOURSE_EMAIL: ${ADMIN_EMAIL}\n      DISCOURSE_CDN_URL: *host\n",
        ),
    ),
    "all variables of the app": then(
        resub(
            "compose.yml",
            (
                r"(?s)(      DISCOURSE_SMTP_PORT_NUMBER: .*?\n)(.*?)    environment:\n"
                r"      <<: \*discourse-env\n(.*?)    secrets",
                r"\1\3\2    environment: *discourse-env\n    secrets",
            ),
        ),
    ),
    "merged with another": replaced(
        "compose.yml",
        ('version: "3.8"\n', 'version: "3.8"\n\nx-mail: &mail\n  DISCOURSE_SMTP_AUTH: none\n'),
        ("      <<: *discourse-env\n", "      <<: [*discourse-env, *mail]\n"),
    ),
    "anchors of the app": replaced(
        "compose.yml",
        ("&restart\n        condition: any\n        delay: 10s", "{condition: any, delay: 10s}"),
        (
            "restart_policy: *restart\n      update",
            "restart_policy: &restart\n        condition: any\n        delay: 10s\n      update",
        ),
    ),
}


@pytest.mark.parametrize("name", ANCHORED)
def test_moves_anchors_to_their_users(name, check):
    after = check(ANCHORED[name], edit=lambda after: after["compose.yml"].pop("x-mail", None))
    assert "discourse-env" not in after["compose.yml"]


def smtp(text):
    """Give the released recipe another overlay for the mail server."""
    head = 'version: "3.8"\n\nservices:\n'
    tail = (
        "\nsecrets:\n  smtp_password:\n    external: true\n"
        "    name: ${STACK_NAME}_smtp_password_${SECRET_SMTP_PASSWORD_VERSION}\n"
    )
    return lambda files: files | {"compose.smtpauth.yml": head + text + tail}


BOTH = """\
  app:
    environment:
      DISCOURSE_SMTP_USER: ${SMTP_USER}
      DISCOURSE_SMTP_PROTOCOL: ${SMTP_PROTOCOL:-tls}
      DISCOURSE_SMTP_AUTH: ${SMTP_AUTH:-login}
      DISCOURSE_NOTIFICATION_EMAIL: ${SMTP_FROM}
      DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password
    secrets:
      - smtp_password
  sidekiq:
    environment:
      DISCOURSE_SMTP_USER: ${SMTP_USER}
      DISCOURSE_SMTP_PROTOCOL: ${SMTP_PROTOCOL:-tls}
      DISCOURSE_SMTP_AUTH: ${SMTP_AUTH:-login}
      DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password
    secrets:
      - smtp_password
"""
ALONE = BOTH[BOTH.index("  sidekiq:") :].replace(
    "      DISCOURSE_SMTP_PASSWORD",
    "      DISCOURSE_NOTIFICATION_EMAIL: ${SMTP_FROM}\n      DISCOURSE_SMTP_PASSWORD",
)
ALONE_GIVEN = {
    "DISCOURSE_SMTP_USER": "${SMTP_USER}",
    "DISCOURSE_SMTP_PROTOCOL": "${SMTP_PROTOCOL:-tls}",
    "DISCOURSE_SMTP_AUTH": "${SMTP_AUTH:-login}",
    "DISCOURSE_NOTIFICATION_EMAIL": "${SMTP_FROM}",
    **SMTP,
}


def listed(text):
    """Write the variables of a block as a list."""
    return re.sub(r"^      (DISCOURSE_\w+): (.*)$", r"      - \1=\2", text, flags=re.MULTILINE)


SMTP_FILE = "compose.smtpauth.yml"
OVERLAYS = {
    "both have all": (smtp(BOTH), {}),
    "both have all, in lists": (smtp(listed(BOTH)), {}),
    "lists in quotes": (smtp(re.sub(r"- (DIS.*)", r'- "\1"', listed(BOTH))), {}),
    "the worker first": (
        smtp(BOTH[BOTH.index("  sidekiq:") :] + BOTH[: BOTH.index("  sidekiq:")]),
        {},
    ),
    "the worker alone": (smtp(ALONE), {SMTP_FILE: (ALONE_GIVEN, ["smtp_password"])}),
    "the worker alone, in a list": (
        smtp(listed(ALONE)),
        {SMTP_FILE: (ALONE_GIVEN, ["smtp_password"])},
    ),
    "the secret on the worker alone": (
        smtp(BOTH.replace("    secrets:\n      - smtp_password\n", "", 1)),
        {SMTP_FILE: ({}, ["smtp_password"])},
    ),
    "the secret in the long syntax": (
        smtp(BOTH.replace("- smtp_password", "- source: smtp_password\n        mode: 0400")),
        {},
    ),
    "variables by an alias": (
        smtp(
            re.sub(
                r"(?s)(  sidekiq:\n    environment:).*?    secrets",
                r"\1 *smtp\n    secrets",
                BOTH.replace("environment:", "environment: &smtp", 1),
            )
        ),
        {},
    ),
    "variables by an alias of the worker's": (
        smtp(
            ALONE.replace("environment:", "environment: &smtp")
            + "  app:\n    environment: *smtp\n    secrets:\n      - smtp_password\n"
        ),
        {},
    ),
    "variables by a merge key of the worker's": (
        smtp(
            ALONE.replace("environment:", "environment: &smtp")
            + "  app:\n    environment:\n      <<: *smtp\n      DISCOURSE_SMTP_TIMEOUT: 9\n"
            + "    secrets:\n      - smtp_password\n"
        ),
        {},
    ),
    "other name": (
        then(moved("compose.smtpauth.yml", "compose.mail.yml", mentioned_in=".env.sample")),
        {"compose.mail.yml": GIVEN[SMTP_FILE]},
    ),
    "brackets": (
        smtp(
            "  app: {environment: {DISCOURSE_SMTP_USER: a, DISCOURSE_SMTP_AUTH: b,"
            " DISCOURSE_NOTIFICATION_EMAIL: '${SMTP_FROM}',"
            " DISCOURSE_SMTP_PROTOCOL: '${SMTP_PROTOCOL}'}}\n"
            "  sidekiq: {environment: {DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password},"
            " secrets: [smtp_password]}\n"
        ),
        GIVEN,
    ),
}


@pytest.mark.parametrize("name", OVERLAYS)
def test_app_keeps_what_overlays_gave_the_worker(name, check):
    variant, given = OVERLAYS[name]
    check(variant, given=given)


# --- other builds of the released recipe ----------------------------------------------------------

NO_SCRIPT = then(
    without("entrypoint.sh.tmpl"),
    resub(
        "compose.yml",
        (r"^    entrypoint: /custom-entrypoint.sh\n", ""),
        (r"^      - source: app_entrypoint\n.*\n.*\n", ""),
        (r"^    configs:\n    volumes", "    volumes"),
        (r"^  app_entrypoint:\n(    .*\n)*", ""),
    ),
    replaced("abra.sh", ("export APP_ENTRYPOINT_VERSION=v5\n", "")),
)
ENTRYPOINT = f"""\
#!/bin/sh
set -eu

{LOOP}exec "$@"
"""


def test_recipe_without_a_script_gets_one(check_applies):
    files = NO_SCRIPT(sample("discourse"))
    after = migrated(files)
    app = after["compose.yml"]["services"]["app"]
    app["entrypoint"] = "/docker-entrypoint.sh"
    app["configs"] = [
        {"source": "app_entrypoint", "target": "/docker-entrypoint.sh", "mode": "0555"}
    ]
    after["compose.yml"]["configs"]["app_entrypoint"] = {
        "name": "${STACK_NAME}_app_entrypoint_${APP_ENTRYPOINT_VERSION}",
        "file": "entrypoint.sh",
    }
    more = texts(files | {"entrypoint.sh.tmpl": ""}) | {"entrypoint.sh": ENTRYPOINT}
    del more["entrypoint.sh.tmpl"]
    more["abra.sh"] = edited(
        more["abra.sh"],
        (
            "^(export PG_BACKUP_VERSION=v2)$",
            "export PG_BACKUP_VERSION=v2\nexport APP_ENTRYPOINT_VERSION=v1",
        ),
    )
    check_applies("discourse", files, after, more, gone="")


def test_recipe_whose_passwords_are_no_files_needs_no_script(check_applies):
    files = then(
        NO_SCRIPT,
        without("compose.oidc.yml", "compose.smtpauth.yml"),
        resub(
            "compose.yml",
            (
                r"DISCOURSE_DATABASE_PASSWORD_FILE: .*$",
                "DISCOURSE_DATABASE_PASSWORD: ${DB_PASSWORD}",
            ),
            (r"DISCOURSE_PASSWORD_FILE: .*$", "DISCOURSE_PASSWORD: ${ADMIN_PASSWORD}"),
            (r"^      - admin_pw\n", ""),
            (r"^  admin_pw:\n(    .*\n)*", ""),
        ),
    )(sample("discourse"))
    after = migrated(files, {})
    more = texts(files | {"entrypoint.sh.tmpl": ""})
    del more["entrypoint.sh.tmpl"]
    more[".env.sample"] = edited(files[".env.sample"], (r"^#PRECOMPILE_ASSETS=no\n", ""))
    check_applies("discourse", files, after, more, gone="")


def test_entrypoint_that_the_fix_does_not_know_is_drift(check_drifts):
    files = replaced(
        "entrypoint.sh.tmpl", ("exec /opt/bitnami/scripts/discourse/entrypoint.sh", "exec")
    )(sample("discourse"))
    check_drifts("discourse", files, "this entrypoint is not known", "--param script=FILE")


def test_entrypoint_that_the_user_names_is_taken(check):
    def variant(files):
        return replaced(
            "entrypoint.sh.tmpl", ("exec /opt/bitnami/scripts/discourse/entrypoint.sh", "exec")
        )(files)

    script = edited(
        sample("discourse")["entrypoint.sh.tmpl"],
        (FOLDERS[0], FOLDERS[1]),
        (r"^exec .*entrypoint.sh ", LOOP + "exec "),
    )
    check(variant, {"entrypoint.sh.tmpl": script}, params={"script": "entrypoint.sh.tmpl"})


def test_script_that_names_what_it_starts(check):
    old = 'exec /opt/bitnami/scripts/discourse/entrypoint.sh "$@"'
    new = "exec /opt/bitnami/scripts/discourse/entrypoint.sh /opt/bitnami/scripts/discourse/run.sh"
    script = texts(sample("discourse"))["entrypoint.sh.tmpl"]
    script = script.replace('exec "$@"', "exec /sbin/boot")
    check(replaced("entrypoint.sh.tmpl", (old, new)), {"entrypoint.sh.tmpl": script})


def test_script_that_needs_more_of_bitnami_is_drift(check_drifts):
    files = replaced(
        "entrypoint.sh.tmpl", ("set -euo pipefail", ". /opt/bitnami/scripts/libdiscourse.sh")
    )(sample("discourse"))
    check_drifts("discourse", files, "expected no the text /opt/bitnami in entrypoint.sh.tmpl")


HEALTH = '      test: ["CMD", "curl", "-fsS", "http://localhost:3000/srv/status"]\n'
HEALTHCHECKS = {
    "another address": (
        '      test: ["CMD", "curl", "-f", "http://127.0.0.1:3000/srv/status"]\n',
        ["CMD", "curl", "-f", "http://127.0.0.1/srv/status"],
    ),
    "for a shell": (
        "      test: curl -f http://localhost:3000/srv/status || exit 1\n",
        "curl -f http://localhost/srv/status || exit 1",
    ),
    "without a path": (
        '      test: ["CMD-SHELL", "curl -f localhost:3000"]\n',
        ["CMD-SHELL", "curl -f localhost"],
    ),
    "of another kind": (
        '      test: ["CMD", "pgrep", "-f", "unicorn"]\n',
        ["CMD", "pgrep", "-f", "unicorn"],
    ),
}


@pytest.mark.parametrize("name", HEALTHCHECKS)
def test_healthcheck_asks_the_port_of_the_official_image(name, check):
    old, new = HEALTHCHECKS[name]

    def edit(after):
        after["compose.yml"]["services"]["app"]["healthcheck"]["test"] = new

    check(replaced("compose.yml", (HEALTH, old)), edit=edit)


def test_port_of_a_service_of_traefik_with_another_name(check):
    other = "traefik.http.services.${STACK_NAME}_forum.loadbalancer.server.port"

    def edit(after):
        said = labels(after["compose.yml"]["services"]["app"])
        del said[PORT]
        said[other] = "80"

    check(replaced("compose.yml", (f"{PORT}=3000", f"{other}=3000")), edit=edit)


def test_folders_of_the_image_in_overlays_follow(check):
    plugins = "/opt/bitnami/discourse/plugins/own"
    overlay = (
        'version: "3.8"\nservices:\n  app:\n    volumes:\n'
        f"      - own:{plugins}\n      - type: volume\n        source: discourse_data\n"
        "        target: /bitnami/discourse/more\nvolumes:\n  own:\n"
    )

    def edit(after):
        for mount in after["compose.own.yml"]["services"]["app"]["volumes"]:
            mount["target"] = edited(
                mount["target"], ("^/opt/bitnami", "/var/www"), ("^/bitnami/discourse", "/shared")
            )

    check(added("compose.own.yml", overlay), edit=edit)


def test_extension_of_both_services(check):
    """Fields that a merge key gives are changed where they stand."""
    variant = replaced(
        "compose.yml",
        (
            'version: "3.8"\n',
            'version: "3.8"\n\nx-discourse: &discourse\n  image: bitnamilegacy/discourse:3.5.0\n'
            "  entrypoint: /custom-entrypoint.sh\n  networks: [internal]\n",
        ),
        ("    image: bitnamilegacy/discourse:3.5.0\n", "    <<: *discourse\n"),
        ("    entrypoint: /custom-entrypoint.sh\n", ""),
        (
            '    networks:\n      - internal\n    healthcheck:\n      test: ["CMD", "pgrep"',
            '    healthcheck:\n      test: ["CMD", "pgrep"',
        ),
    )

    def edit(after):
        after["compose.yml"]["x-discourse"]["image"] = "discourse/discourse:3.5.0"

    check(variant, edit=edit)


def test_extension_that_only_the_worker_used_goes(check):
    variant = replaced(
        "compose.yml",
        (
            'version: "3.8"\n',
            'version: "3.8"\n\nx-sidekiq: &sidekiq\n  depends_on:\n    - discourse\n',
        ),
        ("    depends_on:\n      - discourse\n", "    <<: *sidekiq\n"),
    )
    check(variant, edit=lambda after: after["compose.yml"].pop("x-sidekiq"))


def test_mail_that_only_the_worker_sends_passes_to_the_app(check):
    variant = then(
        dumped(),
        no_extension,
        replaced(
            "compose.yml",
            (
                "      DISCOURSE_SMTP_HOST: ${SMTP_HOST:-}\n",
                "      DISCOURSE_SMTP_HOST: ${SMTP_HOST:-}\n"
                "      DISCOURSE_SMTP_USER: forum\n      SIDEKIQ_ONLY: 1\n",
            ),
        ),
        # The worker is the first of the two.
        lambda files: (
            files
            | {
                "compose.yml": re.sub(
                    r"(?s)(\n  app:.*?)      DISCOURSE_SMTP_USER: forum\n      SIDEKIQ_ONLY: 1\n",
                    r"\1",
                    files["compose.yml"],
                )
            }
        ),
    )

    def edit(after):
        after["compose.yml"]["services"]["app"]["environment"]["DISCOURSE_SMTP_USER_NAME"] = "forum"

    check(variant, edit=edit)


def test_worker_of_another_name(check_applies):
    files = then(
        resub(COMPOSE, (r"^  sidekiq:", "  jobs:")),
        resub("abra.sh", (r'"\$DOMAIN" sidekiq', '"$DOMAIN" jobs')),
        resub("README.md", (r"logs <domain> sidekiq", "logs <domain> jobs")),
    )(sample("discourse"))
    more = texts(sample("discourse"))
    more["release/next"] = (
        files["release/next"]
        + MIGRATION
        + (
            "\nThe service `jobs` is gone. A deploy does not remove a service: the old `jobs`\n"
            "goes on running beside the new ones until you remove what is left. Right after\n"
            "this upgrade, run with your app's stack name:\n\n"
            "    docker service rm ${STACK_NAME}_jobs\n"
        )
        + VOLUME
    )
    check_applies(
        "discourse", files, migrated(files, worker="jobs"), more, gone="", params={"worker": "jobs"}
    )


# --- a head that runs the official image, and left an orphan --------------------------------------

HEAD = sample("discourse-migrated")
ORPHAN = """\
  sidekiq:
    environment:
      DISCOURSE_SMTP_USER_NAME: ${SMTP_USER}
      DISCOURSE_SMTP_AUTHENTICATION: ${SMTP_AUTH:-login}
      DISCOURSE_SMTP_ENABLE_START_TLS: "${SMTP_STARTTLS:-true}"
      DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password
    secrets:
      - smtp_password
"""
SECRET = """\
secrets:
  smtp_password:
    external: true
    name: ${STACK_NAME}_smtp_password_${SECRET_SMTP_PASSWORD_VERSION}
"""
ALL = {
    "DISCOURSE_SMTP_USER_NAME": "${SMTP_USER}",
    "DISCOURSE_SMTP_AUTHENTICATION": "${SMTP_AUTH:-login}",
    "DISCOURSE_SMTP_ENABLE_START_TLS": "${SMTP_STARTTLS:-true}",
    **SMTP,
}


@pytest.fixture
def check_orphan(check_applies):
    """Check the fix on a variant of the sample of a head, of which only the orphan may go."""

    def run(variant, given=None, more=None):
        files = variant(dict(HEAD))
        expected = orphaned(files, given or {})
        # What nobody uses any more goes as well.
        expected[SMTP_FILE].pop("x-smtp", None)
        return check_applies("discourse", files, expected, more or {}, gone="")

    return run


def an_overlay(text):
    return lambda files: files | {SMTP_FILE: text}


NO_VERSIONS = resub(COMPOSE, (r'^version: "3.8"\n', ""))

HEADS = {
    "the sample": (same, {}),
    "environment as a list": (dumped(in_every_service(as_lists)), {}),
    "four spaces": (four_spaces, {}),
    "comments everywhere": (commented, {}),
    "CRLF": (crlf(COMPOSE), {}),
    "BOM": (bom(COMPOSE), {}),
    "no final newline": (no_final_newline(COMPOSE), {}),
    "services in another order": (dumped(services_reversed), {}),
    "sections in another order": (dumped(sections_reversed), {}),
    "the orphan first": (
        an_overlay(
            HEAD[SMTP_FILE]
            .replace(ORPHAN, "")
            .replace("services:\n", f"services:\n{ORPHAN}\n")
            .replace("\n\n\n", "\n\n")
        ),
        {},
    ),
    "in several overlays": (
        then(
            added("compose.a.yml", f'version: "3.8"\n\nservices:\n{ORPHAN}\n{SECRET}'),
            added(
                "compose.b.yml", 'version: "3.8"\nservices:\n  sidekiq:\n    environment: [A=b]\n'
            ),
        ),
        {
            "compose.a.yml": (ALL, ["smtp_password"]),
            "compose.b.yml": ({"A": "b"}, []),
        },
    ),
    "an overlay of the orphan alone": (
        an_overlay(f'version: "3.8"\n\nservices:\n{ORPHAN}\n{SECRET}'),
        {SMTP_FILE: (ALL, ["smtp_password"])},
    ),
    "an overlay of the orphan alone, without a version": (
        then(an_overlay(f"services:\n{ORPHAN}{SECRET}"), NO_VERSIONS),
        {SMTP_FILE: (ALL, ["smtp_password"])},
    ),
    "an orphan in brackets": (
        an_overlay(
            'version: "3.8"\nservices:\n'
            "  sidekiq: {environment: {DISCOURSE_SMTP_PASSWORD_FILE: /run/secrets/smtp_password},"
            f" secrets: [smtp_password]}}\n{SECRET}"
        ),
        GIVEN,
    ),
    "an orphan without content": (
        added("compose.a.yml", 'version: "3.8"\nservices:\n  sidekiq:\n  app:\n    tty: true\n'),
        {},
    ),
    "nothing to pass on": (
        added(
            "compose.a.yml",
            'version: "3.8"\nservices:\n  sidekiq:\n    deploy:\n      replicas: 2\n',
        ),
        {},
    ),
    "nothing to pass on, without a version": (
        then(
            added("compose.a.yml", "services:\n  sidekiq:\n    deploy:\n      replicas: 2\n"),
            NO_VERSIONS,
        ),
        {},
    ),
    "an anchor that the app uses": (
        an_overlay(
            f'version: "3.8"\n\nservices:\n{ORPHAN}\n'.replace("environment:", "environment: &smtp")
            + "  app:\n    environment:\n      <<: *smtp\n      DISCOURSE_TITLE: x\n"
            + f"    secrets:\n      - smtp_password\n\n{SECRET}"
        ),
        {},
    ),
    "an alias of the app's": (
        an_overlay(
            'version: "3.8"\n\nservices:\n  app:\n    environment: &smtp\n      A: b\n'
            f"  sidekiq:\n    environment:\n      <<: *smtp\n      C: d\n{SECRET}"
        ),
        {SMTP_FILE: ({"C": "d"}, [])},
    ),
    "an extension as the app's variables": (
        an_overlay(
            'version: "3.8"\nx-smtp: &smtp\n  A: b\nservices:\n  app:\n    environment: *smtp\n'
            f"  sidekiq:\n    environment:\n      <<: *smtp\n      C: d\n{SECRET}"
        ),
        {SMTP_FILE: ({"C": "d"}, [])},
    ),
    "variables that the base gives": (
        an_overlay(
            'version: "3.8"\nservices:\n  sidekiq:\n    environment:\n'
            f"      DISCOURSE_DB_NAME: other\n{SECRET}"
        ),
        {},
    ),
    "still in the base, with the official image": (
        replaced(
            "compose.yml",
            (
                "  redis:\n",
                "  sidekiq:\n    image: discourse/discourse:3.5.0\n    depends_on: [app]\n"
                "    command: bundle exec sidekiq\n\n  redis:\n",
            ),
        ),
        {},
    ),
    "another official image": (
        resub("compose.yml", ("discourse/discourse:", "discourse/base:")),
        {},
    ),
    "an image of their own": (
        resub("compose.yml", ("discourse/discourse:", "example/forum-discourse:")),
        {},
    ),
    "waited for": (
        replaced(
            "compose.yml",
            ("    depends_on:\n      - db\n", "    depends_on:\n      - sidekiq\n      - db\n"),
        ),
        {},
    ),
    "waited for in brackets, in an overlay": (
        added(
            "compose.a.yml",
            'version: "3.8"\nservices:\n  app:\n    depends_on: [sidekiq, redis]\n    tty: true\n',
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", HEADS)
def test_orphan_goes(name, check_orphan):
    variant, given = HEADS[name]
    after = check_orphan(variant, given)
    compose = "".join(text for path, text in after.items() if path.startswith("compose"))
    assert not re.search(r"^[^#\n]*sidekiq", compose, re.MULTILINE)


def test_operator_is_told_unless_the_head_told(check_orphan):
    variant = lambda files: files | {"release/next": "Search is faster.\n"}  # noqa: E731
    check_orphan(variant, more={"release/next": "Search is faster.\n" + REMOVAL})


def test_settings_that_only_the_orphan_used_go(check_orphan):
    variant = then(
        added(
            "compose.a.yml",
            'version: "3.8"\nservices:\n  sidekiq:\n    deploy:\n'
            "      replicas: ${SIDEKIQ_REPLICAS:-1}\n",
        ),
        lambda files: files | {".env.sample": files[".env.sample"] + "#SIDEKIQ_REPLICAS=2\n"},
    )
    check_orphan(variant, more={".env.sample": HEAD[".env.sample"]})


def test_docs_and_helpers_name_the_app_then(check_orphan):
    helper = '\nlog() {\n  abra app logs "$DOMAIN" sidekiq\n}\n'
    check_orphan(
        lambda files: files | {"abra.sh": files["abra.sh"] + helper},
        more={"abra.sh": HEAD["abra.sh"] + helper.replace("sidekiq", "app")},
    )


def test_migrated_recipe_is_fixed(rendered):
    files = without(SMTP_FILE)(dict(HEAD))
    assert rendered("discourse", files).verdict is Verdict.FIXED


def without_worker(_, data):
    return data | {"services": {k: v for k, v in data["services"].items() if k != "sidekiq"}}


DRIFTED = {
    "another image": (
        "discourse",
        resub(COMPOSE, ("bitnamilegacy/discourse", "example/forum")),
        ("it is example/forum:3.5.0", "not known whether this image runs the jobs"),
    ),
    "no worker": (
        "discourse",
        dumped(without_worker),
        ("expected a service sidekiq", "it does not run the official image either"),
    ),
    "an image from a variable alone": (
        "discourse",
        resub(COMPOSE, ("image: bitnamilegacy/discourse:3.5.0", "image: ${DISCOURSE_IMAGE}")),
        ("it is ${DISCOURSE_IMAGE}",),
    ),
    "another app service": (
        "discourse",
        resub(COMPOSE, (r"^  app:", "  discourse:")),
        ("app", "sidekiq, discourse, db, redis"),
    ),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    recipe, variant, words = DRIFTED[name]
    check_drifts("discourse", variant(sample(recipe)), *words)
