from __future__ import annotations

import pytest
from pydantic import ValidationError
from stacks import docker_reads

from patchkit.draft import Draft
from patchkit.ops import Changed, find_op, run
from patchkit.tree import RecipeTree

BASE = """\
version: "3.8"

services:
  app:
    image: gitea/gitea:1.24.6
    environment:
      - DOMAIN
    configs:
      # read by the entrypoint
      - source: app_ini
        target: /etc/gitea/app.ini # the server's own path
        mode: 0400
    volumes:
      - data:/var/lib/gitea

  db:
    image: postgres:16
    environment:
      - POSTGRES_DB=gitea
    volumes:
      - db:/var/lib/postgresql/data

volumes:
  data:
  db:

configs:
  app_ini:
    name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}
    file: app.ini.tmpl
    template_driver: golang
"""
OVERLAY = """\
version: "3.8"

services:
  app:
    configs:
      - source: app_ini
        target: /etc/gitea/app.ini
        uid: "1000"
        mode: 0400
"""
INI = "[server]\nDOMAIN = {{ env `DOMAIN` }}\n"
ABRA = "export APP_INI_VERSION=v3\n"
RECIPE = {"compose.yml": BASE, "abra.sh": ABRA, "app.ini.tmpl": INI}

BACKUP = """\
op: config.add
service: db
name: pg_backup
target: /pg_backup.sh
mode: "0555"
text: |
  #!/bin/bash
  pg_dump
"""
SCRIPT = "#!/bin/bash\npg_dump\n"
BACKUP_MOUNT = """\
    configs:
      - source: pg_backup
        target: /pg_backup.sh
        mode: 0555
"""
BACKUP_ENTRY = """\
  pg_backup:
    name: ${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}
    file: pg_backup.sh
"""
DB_VOLUMES = "    volumes:\n      - db:/var/lib/postgresql/data\n"
WITH_BACKUP = BASE.replace(DB_VOLUMES, BACKUP_MOUNT + DB_VOLUMES) + BACKUP_ENTRY

RETARGET = "op: config.retarget\nservice: app\nat: /etc/gitea/app.ini\nto: /etc/templates/app.ini\n"


@pytest.fixture
def changed(check_changed, tmp_path):
    def check(before, step, after):
        check_changed(before, step, after)
        docker_reads(before | after, tmp_path)

    return check


# --- config.add: what must not change -----------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(BACKUP, id="everything as the step says"),
        pytest.param(BACKUP.replace('mode: "0555"\n', ""), id="a mode the step says nothing of"),
        pytest.param(BACKUP.replace('"0555"', '"555"'), id="the mode in three digits"),
        pytest.param(BACKUP.partition("text:")[0], id="no content, but the file is there"),
        pytest.param(BACKUP + "file: ./pg_backup.sh\n", id="the file in another spelling"),
        pytest.param(BACKUP + "compose_file: compose.x.yml\n", id="an overlay uses the base's"),
    ],
)
def test_add_leaves_what_is_there(check_noop, step):
    overlay = 'version: "3.8"\n\nservices:\n  app:\n    image: gitea/gitea:1.25\n'
    files = {"compose.yml": WITH_BACKUP, "pg_backup.sh": SCRIPT, "compose.x.yml": overlay}
    check_noop(files, step)


def test_add_takes_a_mount_that_comes_through_an_alias(check_noop):
    text = """\
x-db: &db
  image: postgres:16
  configs:
    - source: pg_backup
      target: /pg_backup.sh
      mode: 0555
services:
  db:
    <<: *db
configs:
  pg_backup: {name: "${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}", file: pg_backup.sh}
"""
    check_noop({"compose.yml": text, "pg_backup.sh": SCRIPT}, BACKUP)


# --- config.add ---------------------------------------------------------------------------


def test_add_writes_file_entry_and_mount_where_the_recipe_has_such(changed):
    changed(RECIPE, BACKUP, {"compose.yml": WITH_BACKUP, "pg_backup.sh": SCRIPT})


def test_add_gives_the_file_the_usual_mode(make):
    made = make(RECIPE, BACKUP)
    assert made.tree.mode("pg_backup.sh") == 0o100644


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "services:\n  db:\n    image: postgres:16\n",
            "services:\n  db:\n    image: postgres:16\n"
            + BACKUP_MOUNT
            + "\nconfigs:\n"
            + BACKUP_ENTRY,
            id="nothing of the kind yet",
        ),
        pytest.param(
            "services:\n  db:\n    image: postgres:16\n    networks: [internal]\n    deploy:\n"
            "      replicas: 1\n\nnetworks:\n  internal:\n",
            "services:\n  db:\n    image: postgres:16\n"
            + BACKUP_MOUNT
            + "    networks: [internal]\n    deploy:\n      replicas: 1\n\nnetworks:\n  internal:\n"
            "\nconfigs:\n" + BACKUP_ENTRY,
            id="the customary place, sections apart",
        ),
        pytest.param(
            "services:\n  db:\n    image: postgres:16",
            "services:\n  db:\n    image: postgres:16\n"
            + BACKUP_MOUNT
            + ("\nconfigs:\n" + BACKUP_ENTRY).rstrip("\n"),
            id="no final newline",
        ),
        pytest.param(
            "services:\r\n  db:\r\n    image: postgres:16 # pinned\r\n",
            (
                "services:\n  db:\n    image: postgres:16 # pinned\n"
                + BACKUP_MOUNT
                + "\nconfigs:\n"
                + BACKUP_ENTRY
            ).replace("\n", "\r\n"),
            id="CRLF",
        ),
        pytest.param(
            "services:\n  db:\n    image: postgres:16\n    configs:\n    - a # short\n"
            "    # and the last\n    - b\nconfigs:\n  a: &a {file: a}\n  b: *a\n",
            "services:\n  db:\n    image: postgres:16\n    configs:\n    - a # short\n"
            "    # and the last\n    - b\n    - source: pg_backup\n      target: /pg_backup.sh\n"
            "      mode: 0555\nconfigs:\n  a: &a {file: a}\n  b: *a\n"
            "  pg_backup: {file: pg_backup.sh, name:"
            ' "${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}"}\n',
            id="short neighbours, entries in braces",
        ),
        pytest.param(
            "services:\n  db:\n    image: postgres:16\n"
            "    configs: [{target: '/a', source: 'a'}]\n"
            'configs:\n  a:\n    file: a\n    name: "${STACK_NAME}_a"\n',
            "services:\n  db:\n    image: postgres:16\n"
            "    configs: [{target: '/a', source: 'a'},"
            " {target: '/pg_backup.sh', source: 'pg_backup', mode: 0555}]\n"
            'configs:\n  a:\n    file: a\n    name: "${STACK_NAME}_a"\n'
            "  pg_backup:\n    file: pg_backup.sh\n"
            '    name: "${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}"\n',
            id="a list in brackets; order and quotes of the neighbours",
        ),
    ],
)
def test_add_writes_as_the_recipe_does(changed, before, after):
    changed({"compose.yml": before}, BACKUP, {"compose.yml": after, "pg_backup.sh": SCRIPT})


def test_add_puts_a_new_section_where_another_file_has_it(changed):
    head = "services:\n  db:\n    image: postgres:16\n\nnetworks:\n  default:\n\n"
    tail = "secrets:\n  pw:\n    external: true\n"
    overlay = (
        "services:\n  db:\n    configs:\n      - a\n\nnetworks:\n  default:\n\n"
        "configs:\n  a:\n    file: a\n\nsecrets:\n  pw:\n    external: true\n"
    )
    section = "configs:\n" + BACKUP_ENTRY.replace("    name", "    file: pg_backup.sh\n    name", 1)
    section = section.removesuffix("    file: pg_backup.sh\n") + "\n"
    mounted = head.replace("16\n", "16\n" + BACKUP_MOUNT)
    changed(
        {"compose.yml": head + tail, "compose.a.yml": overlay},
        BACKUP,
        {"compose.yml": mounted + section + tail, "pg_backup.sh": SCRIPT},
    )


def test_add_goes_where_the_service_is_defined(changed):
    base = "services:\n  app:\n    image: gitea/gitea:1.24.6\n"
    overlay = "services:\n  db:\n    image: postgres:16\n"
    changed(
        {"compose.yml": base, "compose.pg.yml": overlay},
        BACKUP,
        {
            "compose.pg.yml": overlay + BACKUP_MOUNT + "\nconfigs:\n" + BACKUP_ENTRY,
            "pg_backup.sh": SCRIPT,
        },
    )


def test_add_defines_once_more_what_only_another_overlay_defines(changed):
    base = "services:\n  db:\n    image: postgres:16\n"
    overlay = (
        "services:\n  db:\n    labels: {a: b}\nconfigs:\n  pg_backup:\n"
        "    name: ${STACK_NAME}_pg_${PG_VERSION}\n    file: pg_backup.sh\n"
    )
    changed(
        {"compose.yml": base, "compose.x.yml": overlay, "pg_backup.sh": SCRIPT},
        BACKUP,
        {
            "compose.yml": base
            + BACKUP_MOUNT
            + "\nconfigs:\n  pg_backup:\n    name: ${STACK_NAME}_pg_${PG_VERSION}\n"
            "    file: pg_backup.sh\n"
        },
    )


def test_add_mounts_a_config_of_another_service_and_sets_a_mode(changed):
    step = "op: config.add\nservice: db\nname: app_ini\ntarget: /app.ini\ntemplate_driver: golang\n"
    mount = "    configs:\n      - source: app_ini\n        target: /app.ini\n"
    mounted = BASE.replace(DB_VOLUMES, mount + DB_VOLUMES)
    changed(RECIPE, step, {"compose.yml": mounted})
    moded = mounted.replace("/app.ini\n    vol", "/app.ini\n        mode: 0440\n    vol")
    changed(RECIPE | {"compose.yml": mounted}, step + 'mode: "0440"\n', {"compose.yml": moded})


@pytest.mark.parametrize(
    ("name", "target", "more", "file"),
    [
        ("pg_backup", "/pg_backup.sh", "", "pg_backup.sh"),
        ("app_ini", "/etc/app.ini", "template_driver: golang\n", "app.ini.tmpl"),
        ("nginx_conf", "/etc/nginx/conf.d/default.conf", "", "nginx.conf"),
        ("caddyfile", "/etc/caddy/Caddyfile", "", "caddyfile"),
    ],
)
def test_add_names_the_file_after_the_config(make, name, target, more, file):
    step = f"op: config.add\nservice: db\nname: {name}\ntarget: {target}\ntext: x\n{more}"
    made = make({"compose.yml": "services:\n  db:\n    image: postgres:16\n"}, step)
    assert made.files[file] == "x"


def test_add_takes_the_content_from_a_template():
    op = find_op("config.add")
    draft = Draft(RecipeTree.from_files({"compose.yml": BASE}))
    draft.template = {"pg_backup.sh.j2": SCRIPT}.__getitem__
    fields = {"service": "db", "name": "pg_backup", "target": "/pg_backup.sh", "mode": "0555"}
    step = op.model(op="config.add", template="pg_backup.sh.j2", **fields)
    assert isinstance(run(op, draft, step), Changed)
    assert draft.tree.text("pg_backup.sh") == SCRIPT


@pytest.mark.parametrize(
    ("on_alias", "after"),
    [
        pytest.param(
            "expand",
            "x-c: &c\n  - source: a\n    target: /a\nservices:\n  db:\n    image: postgres:16\n"
            "    configs:\n      - source: a\n        target: /a\n      - source: pg_backup\n"
            "        target: /pg_backup.sh\n        mode: 0555\n"
            "  app:\n    image: nginx:1\n    configs: *c\n",
            id="expand",
        ),
        pytest.param(
            "edit-anchor",
            "x-c: &c\n  - source: a\n    target: /a\n  - source: pg_backup\n"
            "    target: /pg_backup.sh\n    mode: 0555\nservices:\n  db:\n    image: postgres:16\n"
            "    configs: *c\n  app:\n    image: nginx:1\n    configs: *c\n",
            id="edit-anchor",
        ),
    ],
)
def test_add_through_an_alias_does_what_the_spec_chose(changed, check_refused, on_alias, after):
    entries = "configs:\n  a:\n    file: a\n"
    before = (
        "x-c: &c\n  - source: a\n    target: /a\nservices:\n  db:\n    image: postgres:16\n"
        "    configs: *c\n  app:\n    image: nginx:1\n    configs: *c\n"
    )
    check_refused({"compose.yml": before + entries}, BACKUP, "alias *c", at="compose.yml:7")
    new = "  pg_backup:\n    file: pg_backup.sh\n"
    name = "    name: ${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}\n"
    changed(
        {"compose.yml": before + entries},
        f"{BACKUP}on_alias: {on_alias}\n",
        {"compose.yml": after + entries + new + name, "pg_backup.sh": SCRIPT},
    )


# --- config.add: refusals -----------------------------------------------------------------


def step_at(target, name="other"):
    return f"op: config.add\nservice: app\nname: {name}\ntarget: {target}\ntext: x\n"


@pytest.mark.parametrize(
    ("step", "words", "at"),
    [
        pytest.param(
            step_at("/etc/gitea/app.ini"),
            ("app has the config app_ini at /etc/gitea/app.ini already",),
            "compose.yml:10",
            id="another config at the target",
        ),
        pytest.param(
            step_at("/var/lib/gitea/"),
            ("the volume data",),
            "compose.yml:14",
            id="a volume at the target",
        ),
        pytest.param(
            step_at("/elsewhere", "app_ini").replace("text: x", "template_driver: golang"),
            ("app has the config app_ini at /etc/gitea/app.ini", "config.retarget"),
            "compose.yml:10",
            id="the config at another target",
        ),
        pytest.param(
            step_at("/a.ini", "app_ini"),
            ("there is a config app_ini already", "template_driver"),
            "compose.yml:28",
            id="another config of that key",
        ),
        pytest.param(
            step_at("/x") + "file: app.ini.tmpl\n",
            ("app.ini.tmpl is there already with another content",),
            "app.ini.tmpl:0",
            id="the file has another content",
        ),
        pytest.param(
            step_at("/x").replace("text: x\n", ""),
            ("no file 'other' for the config other", "`text` or `template`"),
            "",
            id="no content",
        ),
        pytest.param(
            step_at("/x").replace("text: x", "template: nope.j2"),
            ("templates", "nope.j2"),
            "",
            id="no templates",
        ),
        pytest.param(
            step_at("/x").replace("app", "ap"), ("no service 'ap'", "app"), "", id="no such service"
        ),
        pytest.param(
            step_at("/x") + "compose_file: compose.smtp.yml\n",
            ("no compose file 'compose.smtp.yml'",),
            "",
            id="no such compose file",
        ),
        pytest.param(
            step_at("/x") + "file: ../x\n",
            ("'../x' cannot name a file of a recipe",),
            "",
            id="a file outside",
        ),
    ],
)
def test_add_is_refused(check_refused, step, words, at):
    check_refused(RECIPE, step, *words, at=at)


def test_add_asks_which_of_the_overlays_that_define_the_service(check_refused):
    base = "services:\n  app:\n    image: gitea/gitea:1.24.6\n"
    overlay = "services:\n  db:\n    image: {}\n"
    files = {
        "compose.yml": base,
        "compose.mariadb.yml": overlay.format("mariadb:11"),
        "compose.pg.yml": overlay.format("postgres:16"),
    }
    check_refused(files, BACKUP, "2 overlays define db", "compose.pg.yml:3", "`compose_file:`")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x", "template": "y"},
        {"target": "relative"},
        {"mode": "rwx"},
        {"name": "a b"},
        {"template_driver": "jinja"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_add_takes_no_nonsense(fields):
    model = find_op("config.add").model
    good = {"op": "config.add", "service": "a", "name": "b", "target": "/c"}
    model(**good)
    with pytest.raises(ValidationError):
        model(**good | fields)


# --- config.remove ------------------------------------------------------------------------


def test_remove_leaves_what_others_use(changed):
    mount = BACKUP_MOUNT.replace("pg_backup", "app_ini")
    both = BASE.replace(DB_VOLUMES, mount + DB_VOLUMES)
    step = "op: config.remove\nservice: db\nname: app_ini\n"
    changed(RECIPE | {"compose.yml": both}, step, {"compose.yml": BASE})


def test_remove_takes_mount_entry_file_and_export_in_all_files(make, tmp_path):
    abra = ABRA + "export PG_BACKUP_VERSION=v2 # raise me\n\nrun() {\n  :\n}\n"
    overlay = OVERLAY + (
        "  db:\n    labels: {a: b}\n    configs:\n    # why\n    - pg_backup # here\n\n"
        "configs:\n  pg_backup:\n    file: ./pg_backup.sh\n"
    )
    files = RECIPE | {
        "compose.yml": WITH_BACKUP,
        "compose.x.yml": overlay,
        "abra.sh": abra,
        "pg_backup.sh": SCRIPT,
    }
    made = make(files, "op: config.remove\nname: pg_backup\n")
    expected = RECIPE | {
        "compose.x.yml": OVERLAY + "  db:\n    labels: {a: b}\n",
        "abra.sh": ABRA + "\nrun() {\n  :\n}\n",
    }
    assert made.files == expected
    docker_reads(made.files, tmp_path)
    for word in ("from db", "compose.yml, compose.x.yml", "file pg_backup.sh", "PG_BACKUP_VERSION"):
        assert word in made.outcome.message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("[app_ini, other]", "[other]", id="first of brackets"),
        pytest.param("[other, app_ini]", "[other]", id="last of brackets"),
        pytest.param(
            "[{source: app_ini, target: /x}, other]", "[other]", id="long syntax in brackets"
        ),
        pytest.param(
            "\n      - other # stays\n      # goes\n      - app_ini",
            "\n      - other # stays",
            id="comment above",
        ),
    ],
)
def test_remove_from_every_form_of_list(changed, before, after):
    text = (
        "services:\n  app:\n    image: nginx:1\n    configs: {}\nconfigs:\n  other:\n    file: o\n"
    )
    text = text.replace("configs: {}", "configs: []", 1)
    end = "  app_ini:\n    external: true\n"
    changed(
        {"compose.yml": text.replace("[]", before) + end},
        "op: config.remove\nservice: app\nname: app_ini\n",
        {"compose.yml": text.replace("[]", after)},
    )


def test_remove_without_a_service_takes_an_entry_that_nothing_uses(changed):
    unused = BASE + "  old:\n    file: app.ini.tmpl\n"
    changed(
        RECIPE | {"compose.yml": unused}, "op: config.remove\nname: old\n", {"compose.yml": BASE}
    )


@pytest.mark.parametrize(
    ("step", "words", "absent"),
    [
        ("name: app_init\n", ("no config 'app_init'", "app_ini"), False),
        ("name: zzz\n", ("no config 'zzz'",), True),
        ("name: app_ini\nservice: db\n", ("no config of db 'app_ini'",), True),
        ("name: app_ini\nservice: dba\n", ("no service 'dba'",), False),
    ],
)
def test_remove_of_nothing_is_refused(check_refused, step, words, absent):
    outcome = check_refused(RECIPE, f"op: config.remove\n{step}", *words)
    assert outcome.absent is absent


def test_remove_of_nothing_may_be_optional(check_noop):
    check_noop(RECIPE, "op: config.remove\nname: zzz\noptional: true\n")


def test_remove_of_a_shared_list_is_refused(check_refused):
    text = (
        "services:\n  app:\n    image: nginx:1\n    configs: &c\n      - a\n      - b\n"
        "  db:\n    image: nginx:1\n    configs: *c\nconfigs:\n  a: {file: a}\n  b: {file: b}\n"
    )
    check_refused(
        {"compose.yml": text}, "op: config.remove\nservice: app\nname: a\n", "anchored as &c"
    )
    check_refused(
        {"compose.yml": text}, "op: config.remove\nservice: db\nname: a\n", "the alias *c"
    )


def test_remove_writes_an_alias_out_when_told(changed):
    head = (
        "services:\n  app:\n    image: nginx:1\n    configs: &c\n      - a\n      - b\n"
        "  db:\n    image: nginx:1\n    configs:"
    )
    tail = "\nconfigs:\n  a: {file: a}\n  b: {file: b}\n"
    changed(
        {"compose.yml": f"{head} *c{tail}"},
        "op: config.remove\nservice: db\nname: a\non_alias: expand\n",
        {"compose.yml": f"{head}\n      - b{tail}"},
    )


# --- config.retarget ----------------------------------------------------------------------


@pytest.mark.parametrize("named", ["at: /etc/gitea/app.ini\n", "name: app_ini\n"])
def test_retarget_leaves_what_is_there_already(check_noop, named):
    step = f"op: config.retarget\nservice: app\n{named}to: /etc/gitea/app.ini\n"
    check_noop(RECIPE | {"compose.x.yml": OVERLAY}, step)


@pytest.mark.parametrize("named", ["at: /etc/gitea/app.ini\n", "name: app_ini\n"])
def test_retarget_reaches_the_overlays(changed, named):
    step = f"op: config.retarget\nservice: app\n{named}to: /etc/templates/app.ini\n"
    old, new = "target: /etc/gitea/app.ini", "target: /etc/templates/app.ini"
    changed(
        RECIPE | {"compose.x.yml": OVERLAY},
        step,
        {"compose.yml": BASE.replace(old, new), "compose.x.yml": OVERLAY.replace(old, new)},
    )


def test_retarget_finishes_a_change_that_is_half_made(changed):
    old, new = "target: /etc/gitea/app.ini", "target: /etc/templates/app.ini"
    changed(
        RECIPE | {"compose.yml": BASE.replace(old, new), "compose.x.yml": OVERLAY},
        RETARGET,
        {"compose.x.yml": OVERLAY.replace(old, new)},
    )


def test_retarget_leaves_other_services_and_an_overlay_with_a_target_of_its_own(changed):
    mount = BACKUP_MOUNT.replace("pg_backup.sh", "etc/gitea/app.ini").replace(
        "pg_backup", "app_ini"
    )
    base = BASE.replace(DB_VOLUMES, mount + DB_VOLUMES)
    overlay = OVERLAY.replace("/etc/gitea/app.ini", "/debug/app.ini")
    first = base.replace("/etc/gitea/app.ini", "/etc/templates/app.ini", 1)
    changed(
        RECIPE | {"compose.yml": base, "compose.x.yml": overlay}, RETARGET, {"compose.yml": first}
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "\n      # why\n      - conf\n      - other\n",
            "\n      # why\n      - source: conf\n        target: /new\n      - other\n",
            id="short",
        ),
        pytest.param(
            '\n      - "conf"\n',
            '\n      - source: "conf"\n        target: /new\n',
            id="short in quotes",
        ),
        pytest.param(
            " [conf, other]\n", " [{source: conf, target: /new}, other]\n", id="short in brackets"
        ),
        pytest.param(
            "\n      - source: conf\n        mode: 0400\n",
            "\n      - source: conf\n        target: /new\n        mode: 0400\n",
            id="long without a target",
        ),
        pytest.param(
            "\n      - target: '/conf' # here\n        source: conf\n",
            "\n      - target: '/new' # here\n        source: conf\n",
            id="quotes and comment stay",
        ),
        pytest.param(
            "\r\n      - {source: conf, target: /conf}\r\n",
            "\r\n      - {source: conf, target: /new}\r\n",
            id="braces and CRLF",
        ),
        pytest.param(
            "\n      - source: conf\n        target: /conf",
            "\n      - source: conf\n        target: /new",
            id="no final newline",
        ),
    ],
)
def test_retarget_in_every_form(changed, before, after):
    text = "configs:\n  conf: {file: c}\n  other: {file: o}\nservices:\n  app:\n    image: a:1\n"
    changed(
        {"compose.yml": f"{text}    configs:{before}"},
        "op: config.retarget\nservice: app\nat: /conf\nto: /new\n",
        {"compose.yml": f"{text}    configs:{after}"},
    )


ALIASED = """\
x-conf: &conf
  source: conf
  target: /conf
services:
  app:
    image: nginx:1
    configs:
      - *conf
  web:
    image: nginx:1
    configs:
      - *conf
configs:
  conf: {file: c}
"""


@pytest.mark.parametrize(
    ("on_alias", "after"),
    [
        pytest.param(
            "expand",
            ALIASED.replace("- *conf", "- source: conf\n        target: /new", 1),
            id="expand",
        ),
        pytest.param(
            "edit-anchor", ALIASED.replace("target: /conf", "target: /new"), id="edit-anchor"
        ),
    ],
)
def test_retarget_of_an_alias_does_what_the_spec_chose(changed, check_refused, on_alias, after):
    step = "op: config.retarget\nservice: app\nname: conf\nto: /new\n"
    check_refused({"compose.yml": ALIASED}, step, "alias *conf", at="compose.yml:8")
    changed({"compose.yml": ALIASED}, f"{step}on_alias: {on_alias}\n", {"compose.yml": after})


TWICE = """\
services:
  app:
    image: nginx:1
    configs:
      - {source: a, target: /a}
      - {source: a, target: /b}
    secrets:
      - source: pw
        target: /new
configs:
  a: {file: a}
secrets:
  pw: {external: true}
"""


@pytest.mark.parametrize(
    ("step", "words", "at"),
    [
        pytest.param(
            "name: a\nto: /c\n",
            ("more than one", "a at /a (compose.yml:5", "a at /b (compose.yml:6", "`at`"),
            "compose.yml:5",
            id="two targets",
        ),
        pytest.param(
            "at: /d\nto: /c\n", ("no config of app at '/d'; there is /a, /b",), "", id="at"
        ),
        pytest.param("name: b\nto: /c\n", ("no config of app 'b'",), "", id="name"),
        pytest.param(
            "at: /a\nto: /new\n", ("app has the secret pw at /new",), "compose.yml:8", id="taken"
        ),
        pytest.param(
            "at: /a\nname: b\nto: /c\n", ("no config of app 'b'",), "", id="another one there"
        ),
    ],
)
def test_retarget_is_refused(check_refused, step, words, at):
    step = f"op: config.retarget\nservice: app\n{step}"
    check_refused({"compose.yml": TWICE}, step, *words, at=at)


def test_retarget_asks_which_when_overlays_mount_different_ones(check_refused):
    overlay = OVERLAY.replace("app_ini", "lfs_ini")
    files = RECIPE | {"compose.x.yml": overlay}
    check_refused(files, RETARGET, "more than one config of app", "lfs_ini", "`name`")


def test_retarget_needs_to_know_which():
    with pytest.raises(ValidationError, match='"name" or "at"'):
        find_op("config.retarget").model(op="config.retarget", service="a", to="/b")


# --- config.version -----------------------------------------------------------------------

VERSION = "op: config.version\nname: app_ini\n"
NAME = "    name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}\n"


def test_version_leaves_what_has_one(check_noop):
    check_noop(RECIPE | {"abra.sh": "export APP_INI_VERSION=v7\n"}, VERSION)


def test_version_of_a_name_that_carries_one_is_exported(changed):
    changed(RECIPE | {"abra.sh": ""}, VERSION, {"abra.sh": "export APP_INI_VERSION=v1\n"})


def test_version_gives_a_name_that_carries_it(changed):
    changed(
        RECIPE | {"compose.yml": BASE.replace(NAME, ""), "abra.sh": "export A_VERSION=v2\n"},
        f"{VERSION}version: v3\n",
        {
            "compose.yml": BASE.replace(NAME, "") + NAME,
            "abra.sh": "export A_VERSION=v2\nexport APP_INI_VERSION=v3\n",
        },
    )


@pytest.mark.parametrize(
    ("files", "step", "message"),
    [
        ({}, VERSION.replace("app_ini", "app_inni"), "app_ini"),
        (
            {
                "compose.yml": BASE.replace(NAME, ""),
                "compose.x.yml": "configs:\n  app_ini:\n    file: x\n",
            },
            VERSION,
            "compose.yml and compose.x.yml define the config app_ini",
        ),
    ],
)
def test_version_is_refused(check_refused, files, step, message):
    check_refused(RECIPE | files, step, message)
