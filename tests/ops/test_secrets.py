from __future__ import annotations

import pytest
from pydantic import ValidationError
from stacks import docker_reads

from patchkit.ops import find_op

BASE = """\
version: "3.8"

services:
  app:
    image: nginx:1.27
    environment:
      - DOMAIN
    secrets:
      - admin_pw # for the first login
    volumes:
      - data:/data

  db:
    image: postgres:16
    environment:
      - POSTGRES_DB=forum
    volumes:
      - db:/var/lib/postgresql/data

volumes:
  data:
  db:

secrets:
  admin_pw:
    external: true
    name: ${STACK_NAME}_admin_pw_${SECRET_ADMIN_PW_VERSION}
"""
ENV = """\
TYPE=forum
DOMAIN=forum.example.com

## Mail
#COMPOSE_FILE="$COMPOSE_FILE:compose.smtp.yml"
#SMTP_HOST=mail.example.com
#SECRET_SMTP_PW_VERSION=v1

SECRET_ADMIN_PW_VERSION=v2 # length=24

# how long abra waits
TIMEOUT=300
"""
SMTP = """\
version: "3.8"

services:
  app:
    environment:
      - SMTP_PASSWORD_FILE=/run/secrets/smtp_pw
    secrets:
      - smtp_pw

secrets:
  smtp_pw:
    external: true
    name: ${STACK_NAME}_smtp_pw_${SECRET_SMTP_PW_VERSION}
"""
RECIPE = {"compose.yml": BASE, "compose.smtp.yml": SMTP, ".env.sample": ENV}

ADD = """\
op: secret.add
service: db
name: db_password
length: 32
environment: POSTGRES_PASSWORD_FILE
"""
ENTRY = """\
  db_password:
    external: true
    name: ${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}
"""
DB_ENV = "      - POSTGRES_DB=forum\n"
ADDED = (
    BASE.replace(
        DB_ENV,
        DB_ENV + "      - POSTGRES_PASSWORD_FILE=/run/secrets/db_password\n"
        "    secrets:\n      - db_password\n",
    )
    + ENTRY
)
VERSION = "SECRET_ADMIN_PW_VERSION=v2 # length=24\n"
ADDED_ENV = ENV.replace(VERSION, VERSION + "SECRET_DB_PASSWORD_VERSION=v1 # length=32\n")


@pytest.fixture
def changed(check_changed, tmp_path):
    def check(before, step, after):
        check_changed(before, step, after)
        docker_reads(before | after, tmp_path)

    return check


# --- secret.add: what must not change -----------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(ADD, id="everything as the step says"),
        pytest.param(ADD.replace("32", "64"), id="a secret that exists keeps its length"),
        pytest.param(ADD + "target: db_password\n", id="the usual target said"),
        pytest.param(ADD + "target: /run/secrets/db_password\n", id="its whole path said"),
        pytest.param(ADD.partition("env")[0], id="no variable wanted"),
    ],
)
def test_add_leaves_what_is_there(check_noop, step):
    check_noop(RECIPE | {"compose.yml": ADDED, ".env.sample": ADDED_ENV}, step)


def test_add_takes_a_use_at_another_target_when_the_step_names_none(check_noop):
    text = ADDED.replace("- db_password", "- {source: db_password, target: pw}").replace(
        "/run/secrets/db_password", "/run/secrets/pw"
    )
    check_noop(RECIPE | {"compose.yml": text, ".env.sample": ADDED_ENV}, ADD)


def test_add_lets_a_long_name_be_when_the_recipe_has_it(check_noop):
    text = BASE.replace("admin_pw", "administrator_password")
    step = "op: secret.add\nservice: app\nname: administrator_password\n"
    check_noop(RECIPE | {"compose.yml": text}, step)


# --- secret.add ---------------------------------------------------------------------------


def test_add_writes_use_entry_variable_and_version(changed):
    changed(RECIPE, ADD, {"compose.yml": ADDED, ".env.sample": ADDED_ENV})


def test_add_just_uses_a_secret_that_the_recipe_has(changed):
    used = BASE.replace(DB_ENV, DB_ENV + "    secrets:\n      - admin_pw\n")
    changed(RECIPE, "op: secret.add\nservice: db\nname: admin_pw\n", {"compose.yml": used})


def test_add_makes_an_env_sample(changed):
    text = "services:\n  app:\n    image: nginx:1.27\n"
    step = "op: secret.add\nservice: app\nname: pw\n"
    entry = "  pw:\n    external: true\n    name: ${STACK_NAME}_pw_${SECRET_PW_VERSION}\n"
    changed(
        {"compose.yml": text},
        step,
        {
            "compose.yml": f"{text}    secrets:\n      - pw\n\nsecrets:\n{entry}",
            ".env.sample": "SECRET_PW_VERSION=v1\n",
        },
    )


def test_add_to_an_overlay_offers_the_version_in_its_block(changed):
    step = "op: secret.add\nservice: app\nname: smtp_key\ncompose_file: compose.smtp.yml\n"
    entry = "  smtp_key:\n    external: true\n"
    smtp = SMTP.replace("      - smtp_pw\n", "      - smtp_pw\n      - smtp_key\n") + entry
    smtp += "    name: ${STACK_NAME}_smtp_key_${SECRET_SMTP_KEY_VERSION}\n"
    offer = "#SECRET_SMTP_PW_VERSION=v1\n"
    env = ENV.replace(offer, offer + "#SECRET_SMTP_KEY_VERSION=v1\n")
    changed(RECIPE, step, {"compose.smtp.yml": smtp, ".env.sample": env})


def test_add_to_an_overlay_that_is_switched_on_sets_the_version(changed):
    on = ENV.replace("#COMPOSE", "COMPOSE").replace("#SMTP", "SMTP").replace("#SECRET", "SECRET")
    step = "op: secret.add\nservice: app\nname: smtp_key\ncompose_file: compose.smtp.yml\n"
    entry = "  smtp_key:\n    external: true\n"
    smtp = SMTP.replace("      - smtp_pw\n", "      - smtp_pw\n      - smtp_key\n") + entry
    smtp += "    name: ${STACK_NAME}_smtp_key_${SECRET_SMTP_KEY_VERSION}\n"
    line = "SECRET_SMTP_PW_VERSION=v1\n"
    env = on.replace(line, line + "SECRET_SMTP_KEY_VERSION=v1\n")
    changed(RECIPE | {".env.sample": on}, step, {"compose.smtp.yml": smtp, ".env.sample": env})


def test_add_offers_the_version_below_the_line_of_its_overlay_with_its_mark(changed):
    block = '# COMPOSE_FILE="$COMPOSE_FILE:compose.x.yml"\n# where to look\n# X_HOST=\n'
    offers = '#COMPOSE_FILE="$COMPOSE_FILE:compose.y.yml"\n#Y=1\n#SECRET_Y_VERSION=v1\n'
    overlay = 'version: "3.8"\n\nservices:\n  app:\n    init: true\n'
    head, line = block.split("\n", 1)
    changed(
        {"compose.yml": BASE, "compose.x.yml": overlay, ".env.sample": block + "\n" + offers},
        "op: secret.add\nservice: app\nname: pw\ncompose_file: compose.x.yml\n",
        {
            "compose.x.yml": overlay + "    secrets:\n      - pw\n\nsecrets:\n  pw:\n"
            "    external: true\n    name: ${STACK_NAME}_pw_${SECRET_PW_VERSION}\n",
            ".env.sample": f"{head}\n# SECRET_PW_VERSION=v1\n{line}\n{offers}",
        },
    )


def test_add_gives_the_version_a_default_where_the_others_have_one(changed):
    with_default = "${SECRET_ADMIN_PW_VERSION:-v1}"
    base = BASE.replace("${SECRET_ADMIN_PW_VERSION}", with_default)
    used = base.replace("first login\n", "first login\n      - pw\n")
    entry = "  pw:\n    external: true\n    name: ${STACK_NAME}_pw_${SECRET_PW_VERSION:-v1}\n"
    changed(
        {"compose.yml": base, ".env.sample": "SECRET_ADMIN_PW_VERSION=v1\n"},
        "op: secret.add\nservice: app\nname: pw\n",
        {
            "compose.yml": used + entry,
            ".env.sample": "SECRET_ADMIN_PW_VERSION=v1\nSECRET_PW_VERSION=v1\n",
        },
    )


def test_add_switches_on_a_version_that_was_on_offer(changed):
    env = ENV.replace("TIMEOUT", "#SECRET_DB_PASSWORD_VERSION=v1 # length=16\nTIMEOUT")
    new = ENV.replace("TIMEOUT", "SECRET_DB_PASSWORD_VERSION=v1 # length=32\nTIMEOUT")
    changed(RECIPE | {".env.sample": env}, ADD, {"compose.yml": ADDED, ".env.sample": new})


def test_add_defines_once_more_what_only_another_overlay_defines(changed):
    step = "op: secret.add\nservice: app\nname: smtp_pw\n"
    used = BASE.replace("first login\n", "first login\n      - smtp_pw\n")
    entry = "  smtp_pw:\n    external: true\n"
    entry += "    name: ${STACK_NAME}_smtp_pw_${SECRET_SMTP_PW_VERSION}\n"
    changed(RECIPE, step, {"compose.yml": used + entry})


@pytest.mark.parametrize(
    ("before", "more", "after"),
    [
        pytest.param(" [a, b]", "", " [a, b, pw]", id="brackets"),
        pytest.param(' ["a"]', "", ' ["a", "pw"]', id="quotes in brackets"),
        pytest.param(
            '\n    - "a"\n    # b',
            "",
            '\n    - "a"\n    - "pw"\n    # b',
            id="quotes, a comment behind",
        ),
        pytest.param(
            "\n      - source: a\n        target: b",
            "",
            "\n      - source: a\n        target: b\n      - source: pw\n        target: pw",
            id="long neighbours",
        ),
        pytest.param(
            "\n      - a",
            "target: key\n",
            "\n      - a\n      - source: pw\n        target: key",
            id="a target needs the long syntax",
        ),
        pytest.param("", "", "\n      - pw", id="empty"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_add_writes_as_the_neighbours_do(changed, before, more, after, newline):
    head = "secrets:\n  a: {external: true}\n  b: {external: true}\n"
    entry = '  pw: {external: true, name: "${STACK_NAME}_pw_${SECRET_PW_VERSION}"}\n'
    text = "services:\n  app:\n    image: nginx:1\n    secrets:"
    changed(
        {
            "compose.yml": f"{head}{text}{before}".replace("\n", newline),
            ".env.sample": "SECRET_PW_VERSION=v3\n",
        },
        f"op: secret.add\nservice: app\nname: pw\n{more}",
        {"compose.yml": f"{head}{entry}{text}{after}".replace("\n", newline)},
    )


@pytest.mark.parametrize(
    ("step", "words", "at"),
    [
        pytest.param(
            ADD.replace("db_password", "database_password"),
            ("'database_password' has 17 characters", "64", "`allow_long: true`"),
            "",
            id="a long name",
        ),
        pytest.param(
            "op: secret.add\nservice: app\nname: admin_pw\ntarget: other\n",
            ("app has the secret admin_pw at /run/secrets/admin_pw",),
            "compose.yml:9",
            id="another target",
        ),
        pytest.param(
            "op: secret.add\nservice: app\nname: pw\ntarget: admin_pw\n",
            ("app has the secret admin_pw at /run/secrets/admin_pw already",),
            "compose.yml:9",
            id="a target that is taken",
        ),
        pytest.param(ADD.replace(": db\n", ": dba\n"), ("no service 'dba'",), "", id="no service"),
    ],
)
def test_add_is_refused(check_refused, step, words, at):
    check_refused(RECIPE, step, *words, at=at)


def test_add_takes_a_long_name_when_told(make):
    made = make(RECIPE, "op: secret.add\nservice: db\nname: database_password\nallow_long: true\n")
    assert "SECRET_DATABASE_PASSWORD_VERSION=v1\n" in made.files[".env.sample"]


def test_add_takes_no_length_of_nothing():
    with pytest.raises(ValidationError):
        find_op("secret.add").model(op="secret.add", service="a", name="b", length=0)


# --- secret.remove ------------------------------------------------------------------------


def test_remove_leaves_what_others_use(changed):
    both = BASE.replace(DB_ENV, DB_ENV + "    secrets:\n      - admin_pw\n")
    step = "op: secret.remove\nservice: db\nname: admin_pw\n"
    changed(RECIPE | {"compose.yml": both}, step, {"compose.yml": BASE})


def test_remove_takes_use_entry_and_version_in_all_files(changed):
    overlay = SMTP.replace(
        "- smtp_pw", "- smtp_pw\n      # for mails to the admin\n      - admin_pw"
    )
    overlay += "  # also there\n  admin_pw:\n    external: true\n"
    base = BASE.replace("    secrets:\n      - admin_pw # for the first login\n", "")
    changed(
        RECIPE | {"compose.smtp.yml": overlay},
        "op: secret.remove\nname: admin_pw\n",
        {
            "compose.yml": base.partition("\nsecrets:")[0],
            "compose.smtp.yml": SMTP,
            ".env.sample": ENV.replace(VERSION + "\n", ""),
        },
    )


def test_remove_takes_a_version_on_offer_and_keeps_variables(changed):
    overlay = 'version: "3.8"\n\nservices:\n  app:\n    environment:\n'
    overlay += "      - SMTP_PASSWORD_FILE=/run/secrets/smtp_pw\n"
    changed(
        RECIPE,
        "op: secret.remove\nservice: app\nname: smtp_pw\n",
        {
            "compose.smtp.yml": overlay,
            ".env.sample": ENV.replace("#SECRET_SMTP_PW_VERSION=v1\n", ""),
        },
    )


def test_remove_keeps_a_version_that_another_secret_shares(changed):
    shared = BASE + "  old_pw:\n    external: true\n    name: a_${SECRET_ADMIN_PW_VERSION}\n"
    changed(
        RECIPE | {"compose.yml": shared}, "op: secret.remove\nname: old_pw\n", {"compose.yml": BASE}
    )


@pytest.mark.parametrize(
    ("step", "words", "absent"),
    [
        ("name: adminpw\n", ("no secret 'adminpw'; did you mean admin_pw?",), False),
        ("name: zzz\n", ("no secret 'zzz'; there is admin_pw, smtp_pw",), True),
        ("name: admin_pw\nservice: db\n", ("no secret of db 'admin_pw'; there is none",), True),
    ],
)
def test_remove_of_nothing_is_refused(check_refused, step, words, absent):
    outcome = check_refused(RECIPE, f"op: secret.remove\n{step}", *words)
    assert outcome.absent is absent


def test_remove_of_nothing_may_be_optional(check_noop):
    check_noop(RECIPE, "op: secret.remove\nname: zzz\noptional: true\n")


# --- secret.move --------------------------------------------------------------------------

MOVE = "op: secret.move\nservice: app\nto: db\nname: smtp_pw\n"


def test_move_leaves_what_has_moved(check_noop):
    moved = SMTP.replace("  app:", "  db:")
    check_noop(RECIPE | {"compose.smtp.yml": moved}, MOVE)


def test_move_stays_in_the_overlay_and_takes_the_variables_along(changed):
    changed(
        RECIPE,
        MOVE,
        {
            "compose.smtp.yml": (
                'version: "3.8"\n\nservices:\n  db:\n    secrets:\n      - smtp_pw\n'
                "    environment:\n      - SMTP_PASSWORD_FILE=/run/secrets/smtp_pw\n\n"
                "secrets:\n  smtp_pw:\n    external: true\n"
                "    name: ${STACK_NAME}_smtp_pw_${SECRET_SMTP_PW_VERSION}\n"
            )
        },
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "    secrets:\n      - 'pw' # mine\n      - other\n"
            "  db:\n    image: b:1\n    secrets: []\n",
            "    secrets:\n      - other\n  db:\n    image: b:1\n    secrets:\n      - 'pw'\n",
            id="short, quotes stay",
        ),
        pytest.param(
            "    secrets:\n    - source: pw\n      target: key\n      mode: 0400\n"
            "  db:\n    image: b:1\n    secrets:\n    - other\n",
            "  db:\n    image: b:1\n    secrets:\n    - other\n    - source: pw\n"
            "      target: key\n      mode: 0400\n",
            id="long, target and mode stay",
        ),
        pytest.param(
            "    secrets: [other, {source: pw, target: key}]\n"
            "  db:\n    image: b:1\n    secrets: [other]\n",
            "    secrets: [other]\n"
            "  db:\n    image: b:1\n    secrets: [other, {source: pw, target: key}]\n",
            id="brackets and braces",
        ),
        pytest.param(
            "    secrets:\n      - pw\n      - other\n"
            "  db:\n    image: b:1\n    secrets:\n      - pw\n",
            "    secrets:\n      - other\n  db:\n    image: b:1\n    secrets:\n      - pw\n",
            id="there already",
        ),
        pytest.param(
            "    environment:\n      PW_FILE: /run/secrets/key\n      OTHER: /run/secrets/pw\n"
            "    secrets:\n      - source: pw\n        target: key\n"
            "  db:\n    image: b:1\n    environment:\n      A: b\n",
            "    environment:\n      OTHER: /run/secrets/pw\n"
            "  db:\n    image: b:1\n    environment:\n      A: b\n      PW_FILE: /run/secrets/key\n"
            "    secrets:\n      - source: pw\n        target: key\n",
            id="the variable of its target",
        ),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_move_keeps_the_form(changed, before, after, newline):
    head = "secrets:\n  pw: {external: true}\n  other: {external: true}\n"
    head += "services:\n  app:\n    image: a:1\n"
    step = "op: secret.move\nservice: app\nto: db\nnames: [pw]\n"
    changed(
        {"compose.yml": (head + before).replace("\n", newline)},
        step,
        {"compose.yml": (head + after).replace("\n", newline)},
    )


def test_move_cuts_an_overlays_use_that_the_base_gives_already(changed):
    base = BASE.replace(DB_ENV, DB_ENV + "    secrets:\n      - admin_pw\n")
    overlay = SMTP.replace("smtp_pw", "admin_pw").replace("SMTP_PW", "ADMIN_PW")
    step = "op: secret.move\nservice: app\nto: db\nname: admin_pw\nenvironment: []\n"
    changed(
        RECIPE | {"compose.yml": base, "compose.smtp.yml": overlay},
        step,
        {
            "compose.yml": base.replace(
                "    secrets:\n      - admin_pw # for the first login\n", ""
            ),
            "compose.smtp.yml": overlay.replace("    secrets:\n      - admin_pw\n", ""),
        },
    )


def test_move_takes_the_variables_that_the_step_names(changed):
    step = MOVE + "environment: [DOMAIN, SMTP_PASSWORD_FILE]\n"
    base = BASE.replace("    environment:\n      - DOMAIN\n", "").replace(
        DB_ENV, DB_ENV + "      - DOMAIN\n"
    )
    overlay = SMTP.replace("  app:\n", "  db:\n").replace(
        "    environment:\n      - SMTP_PASSWORD_FILE=/run/secrets/smtp_pw\n    secrets:\n"
        "      - smtp_pw\n",
        "    secrets:\n      - smtp_pw\n    environment:\n"
        "      - SMTP_PASSWORD_FILE=/run/secrets/smtp_pw\n",
    )
    changed(RECIPE, step, {"compose.yml": base, "compose.smtp.yml": overlay})


ALIASED = """\
services:
  app:
    image: a:1
    secrets: &s
      - pw
      - other
  web:
    image: a:1
    secrets: *s
  db:
    image: b:1
secrets:
  pw: {external: true}
  other: {external: true}
"""


def test_move_out_of_a_shared_list_does_what_the_spec_chose(changed, check_refused):
    step = "op: secret.move\nservice: {}\nto: db\nname: pw\n"
    files = {"compose.yml": ALIASED}
    check_refused(files, step.format("app"), "anchored as &s", at="compose.yml:4")
    check_refused(files, step.format("web"), "the alias *s", at="compose.yml:9")
    after = ALIASED.replace(" *s", "\n      - other").replace(
        "b:1\n", "b:1\n    secrets:\n      - pw\n"
    )
    changed(files, step.format("web") + "on_alias: expand\n", {"compose.yml": after})


@pytest.mark.parametrize(
    ("step", "words", "at"),
    [
        pytest.param(
            MOVE.replace("smtp_pw", "smtp_pwd"),
            ("no secret of app 'smtp_pwd'; did you mean smtp_pw?",),
            "",
            id="no such secret",
        ),
        pytest.param(MOVE.replace("to: db", "to: dbs"), ("no service 'dbs'",), "", id="no heir"),
        pytest.param(
            MOVE + "environment: [SMTP_PASS_FILE]\n",
            ("no variable of app 'SMTP_PASS_FILE'",),
            "",
            id="no such variable",
        ),
    ],
)
def test_move_is_refused(check_refused, step, words, at):
    check_refused(RECIPE, step, *words, at=at)


def test_move_is_refused_where_the_heir_has_it_elsewhere(check_refused):
    use = "    secrets:\n      - {source: smtp_pw, target: mail}\n"
    base = BASE.replace(DB_ENV, DB_ENV + use)
    check_refused(
        RECIPE | {"compose.yml": base},
        MOVE,
        "db has the secret smtp_pw at /run/secrets/mail, not at /run/secrets/smtp_pw",
        at="compose.yml:18",
    )


@pytest.mark.parametrize("fields", [{}, {"name": "a", "names": ["b"]}, {"names": []}])
def test_move_needs_to_know_which(fields):
    with pytest.raises(ValidationError):
        find_op("secret.move").model(op="secret.move", service="a", to="b", **fields)
