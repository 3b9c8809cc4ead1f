"""Labels are set, unset, moved and renamed in the file, the form and the quotes that are there."""

from __future__ import annotations

import pytest

LIST = """\
services:
  app:
    image: nginx:1.27
    deploy:
      labels:
        - "traefik.enable=true"
        - "traefik.http.services.${STACK_NAME}.loadbalancer.server.port=80"
        # who is backed up
        - "backupbot.backup=true"
        - "coop-cloud.${STACK_NAME}.version=1.0.0+1.27"

networks:
  proxy:
    external: true
"""
MAPPING = """\
services:
  app:
    image: nginx:1.27
    deploy:
      labels:
        traefik.enable: "true"
        backupbot.backup: "true" # daily
"""
OVERLAY = """\
services:
  app:
    deploy:
      labels:
        - "backupbot.backup=false"
"""
SET_TRUE = 'op: labels.set\nservice: app\nlabels: {backupbot.backup: "true"}\n'
SET_FALSE = 'op: labels.set\nservice: app\nlabels: {backupbot.backup: "false"}\n'
UNSET = "op: labels.unset\nservice: app\nlabels: [backupbot.backup]\n"


@pytest.mark.parametrize(
    ("files", "step"),
    [
        pytest.param({"compose.yml": LIST}, SET_TRUE, id="list has the value"),
        pytest.param({"compose.yml": MAPPING}, SET_TRUE, id="mapping has the value"),
        pytest.param(
            {"compose.yml": MAPPING.replace('"true" # daily', "'true'")},
            SET_TRUE,
            id="other quotes mean the same",
        ),
        pytest.param(
            {"compose.yml": LIST.replace("    deploy:\n      labels:", "    labels:")},
            SET_TRUE,
            id="the label of the container counts: recipes had it there once",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app:\n    image: a\n", "compose.x.yml": OVERLAY},
            SET_FALSE,
            id="the overlay has it",
        ),
        pytest.param(
            {"compose.yml": LIST},
            "op: labels.set\nservice: app\nlabels: {traefik.enable: true}\n",
            id="a truth value in the spec is its text",
        ),
    ],
)
def test_set_leaves_what_is_so(files, step, check_noop):
    check_noop(files, step)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            {"compose.yml": LIST},
            SET_FALSE,
            {"compose.yml": LIST.replace("backup=true", "backup=false")},
            id="list",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            SET_FALSE,
            {"compose.yml": MAPPING.replace('"true" # daily', '"false" # daily')},
            id="mapping keeps its quotes and its comment",
        ),
        pytest.param(
            {"compose.yml": LIST.replace("\n", "\r\n")},
            SET_FALSE,
            {"compose.yml": LIST.replace("\n", "\r\n").replace("backup=true", "backup=false")},
            id="CRLF",
        ),
        pytest.param(
            {"compose.yml": LIST},
            'op: labels.set\nservice: app\nlabels: {backupbot.backup.volumes.data: "false"}\n',
            {
                "compose.yml": LIST.replace(
                    '        - "backupbot.backup=true"\n',
                    '        - "backupbot.backup=true"\n'
                    '        - "backupbot.backup.volumes.data=false"\n',
                )
            },
            id="a new one stands beside its kin",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app:\n    image: a"},
            'op: labels.set\nservice: app\nlabels: {traefik.enable: "true"}\n',
            {
                "compose.yml": "services:\n  app:\n    image: a\n    deploy:\n      labels:\n"
                "        - traefik.enable=true"
            },
            id="no labels yet, no final newline",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app:\n    image: a\n    deploy: {labels: [a=b]}\n"},
            "op: labels.set\nservice: app\nlabels: {c: d}\n",
            {"compose.yml": "services:\n  app:\n    image: a\n    deploy: {labels: [a=b, c=d]}\n"},
            id="flow",
        ),
        pytest.param(
            {"compose.yml": "services:\n  app:\n    image: a\n", "compose.x.yml": OVERLAY},
            SET_TRUE,
            {"compose.x.yml": OVERLAY.replace("=false", "=true")},
            id="the overlay has it",
        ),
        pytest.param(
            {"compose.yml": LIST, "compose.x.yml": OVERLAY},
            SET_TRUE + "file: compose.x.yml\n",
            {"compose.x.yml": OVERLAY.replace("=false", "=true")},
            id="two files have it, one is named",
        ),
    ],
)
def test_set_changes_it_where_it_stands(before, step, after, check_changed):
    check_changed(before, step, after)


def test_set_is_refused_where_two_files_have_it(check_refused):
    check_refused(
        {"compose.yml": LIST, "compose.x.yml": OVERLAY},
        SET_TRUE,
        "compose.yml:9",
        "compose.x.yml:5",
        "`file:`",
        at="compose.yml:9",
    )


def test_set_takes_it_out_of_overlays_where_the_spec_says_so(check_changed):
    check_changed(
        {"compose.yml": LIST, "compose.x.yml": OVERLAY.replace("app:", "app:\n    tty: true")},
        SET_FALSE + "overrides: remove\n",
        {
            "compose.yml": LIST.replace("backup=true", "backup=false"),
            "compose.x.yml": "services:\n  app:\n    tty: true\n",
        },
    )


def test_set_moves_it_out_of_a_lone_overlay_where_the_spec_says_so(check_changed):
    overlay = OVERLAY.replace("app:", "app:\n    tty: true")
    base = LIST.replace('        # who is backed up\n        - "backupbot.backup=true"\n', "")
    after = base.replace(
        'version=1.0.0+1.27"\n', 'version=1.0.0+1.27"\n        - "backupbot.backup=true"\n'
    )
    check_changed(
        {"compose.yml": base, "compose.x.yml": overlay},
        SET_TRUE + "overrides: remove\n",
        {"compose.yml": after, "compose.x.yml": "services:\n  app:\n    tty: true\n"},
    )


def test_set_names_near_misses_of_a_service_and_a_file(check_refused):
    check_refused({"compose.yml": LIST}, SET_TRUE.replace("app", "apps"), "mean app?")
    check_refused({"compose.yml": LIST}, SET_TRUE + "file: compos.yml\n", "mean compose.yml?")


ALIASED = """\
x-labels: &labels
  backupbot.backup: "false"
services:
  app:
    image: a
    deploy:
      labels: *labels
  db:
    image: b
    deploy:
      labels: *labels
"""


def test_an_alias_is_refused_unless_the_spec_has_settled_it(check_refused, check_changed):
    check_refused({"compose.yml": ALIASED}, SET_TRUE, "*labels", "on_alias", at="compose.yml:7")
    check_changed(
        {"compose.yml": ALIASED},
        SET_TRUE + "on_alias: edit-anchor\n",
        {"compose.yml": ALIASED.replace('"false"', '"true"')},
    )
    check_changed(
        {"compose.yml": ALIASED},
        SET_TRUE + "on_alias: expand\n",
        {
            "compose.yml": ALIASED.replace(
                "labels: *labels\n  db", 'labels:\n        backupbot.backup: "true"\n  db'
            )
        },
    )


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            {"compose.yml": LIST},
            UNSET,
            {
                "compose.yml": LIST.replace(
                    '        # who is backed up\n        - "backupbot.backup=true"\n', ""
                )
            },
            id="list, with its comment",
        ),
        pytest.param(
            {"compose.yml": MAPPING},
            UNSET,
            {"compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', "")},
            id="mapping",
        ),
        pytest.param(
            {
                "compose.yml": MAPPING,
                "compose.x.yml": OVERLAY.replace("app:", "app:\n    tty: true"),
            },
            UNSET,
            {
                "compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', ""),
                "compose.x.yml": "services:\n  app:\n    tty: true\n",
            },
            id="every file, and no empty list stays",
        ),
        pytest.param(
            {"compose.yml": LIST},
            "op: labels.unset\nservice: app\nlabels: ['traefik.*', 'coop-cloud.*']\n",
            {
                "compose.yml": "services:\n  app:\n    image: nginx:1.27\n    deploy:\n"
                '      labels:\n        # who is backed up\n        - "backupbot.backup=true"\n'
                "\nnetworks:\n  proxy:\n    external: true\n"
            },
            id="patterns",
        ),
    ],
)
def test_unset_cuts_it_out_of_every_file(before, step, after, check_changed):
    check_changed(before, step, after)


def test_unset_of_one_file_leaves_the_others(check_changed):
    overlay = OVERLAY + '        - "other=1"\n'
    check_changed(
        {"compose.yml": MAPPING, "compose.x.yml": overlay},
        UNSET + "file: compose.x.yml\n",
        {"compose.x.yml": overlay.replace('        - "backupbot.backup=false"\n', "")},
    )


def test_unset_of_one_file_says_where_else_it_stands(check_refused, check_noop):
    files = {"compose.yml": LIST, "compose.x.yml": "services:\n  app:\n    tty: true\n"}
    check_refused(files, UNSET + "file: compose.x.yml\n", "it stands in compose.yml")
    check_noop(files, UNSET + "file: compose.x.yml\noptional: true\n")


def test_unset_passes_over_what_is_optional(check_changed):
    check_changed(
        {"compose.yml": MAPPING},
        UNSET.replace("[", "[homepage.group, ") + "optional: true\n",
        {"compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', "")},
    )


def test_unset_of_what_is_not_there(check_refused, check_noop):
    step = "op: labels.unset\nservice: app\nlabels: [homepage.group]\n"
    assert check_refused({"compose.yml": LIST}, step, "no label of app 'homepage.group'").absent
    check_noop({"compose.yml": LIST}, step + "optional: true\n")


def test_unset_names_near_misses_and_is_not_taken_for_done(check_refused):
    step = "op: labels.unset\nservice: app\nlabels: [backupbot.backups]\n"
    assert not check_refused({"compose.yml": LIST}, step, "mean backupbot.backup").absent


CADDY = "  caddy:\n    image: caddy:2\n"
MOVE = "op: labels.move\nservice: app\nto: caddy\nlabels: ['coop-cloud.*', backupbot.backup]\n"


def test_move_takes_quotes_and_comments_along(check_changed):
    head, tail = LIST.split("\nnetworks:")
    moved = """\
        # who is backed up
        - "backupbot.backup=true"
        - "coop-cloud.${STACK_NAME}.version=1.0.0+1.27"
"""
    check_changed(
        {"compose.yml": f"{head}{CADDY}\nnetworks:{tail}"},
        MOVE.replace("['coop-cloud.*', backupbot.backup]", "[backupbot.backup, 'coop-cloud.*']"),
        {
            "compose.yml": f"{head.replace(moved, '')}{CADDY}    deploy:\n      labels:\n{moved}"
            f"\nnetworks:{tail}"
        },
    )


def test_move_between_a_mapping_and_a_list(check_changed):
    caddy = CADDY + "    deploy:\n      labels:\n        - 'a=b'\n"
    check_changed(
        {"compose.yml": MAPPING + caddy},
        "op: labels.move\nservice: app\nto: caddy\nlabels: [backupbot.backup]\n",
        {
            "compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', "")
            + caddy
            + "        - 'backupbot.backup=true' # daily\n"
        },
    )


def test_move_stays_in_each_file(check_changed):
    overlay = OVERLAY.replace("app:", "app:\n    tty: true")
    check_changed(
        {"compose.yml": MAPPING + CADDY, "compose.x.yml": overlay},
        "op: labels.move\nservice: app\nto: caddy\nlabels: [backupbot.backup]\n",
        {
            "compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', "")
            + CADDY
            + '    deploy:\n      labels:\n        backupbot.backup: "true" # daily\n',
            "compose.x.yml": "services:\n  app:\n    tty: true\n\n  caddy:\n    deploy:\n"
            '      labels:\n        - "backupbot.backup=false"\n',
        },
    )


def test_move_of_what_is_moved_already(check_noop):
    caddy = CADDY + "    deploy:\n      labels:\n        - coop-cloud.a=b\n"
    check_noop(
        {"compose.yml": "services:\n  app:\n    image: a\n" + caddy},
        "op: labels.move\nservice: app\nto: caddy\nlabels: ['coop-cloud.*']\n",
    )


def test_move_is_refused_over_another_value(check_refused):
    caddy = CADDY + "    deploy:\n      labels:\n        - backupbot.backup=false\n"
    check_refused(
        {"compose.yml": MAPPING + caddy},
        "op: labels.move\nservice: app\nto: caddy\nlabels: [backupbot.backup]\n",
        "caddy has another label backupbot.backup already",
        at="compose.yml:12",
    )


def test_move_of_an_equal_label_leaves_one(check_changed):
    caddy = CADDY + "    deploy:\n      labels:\n        - backupbot.backup=true\n"
    check_changed(
        {"compose.yml": MAPPING + caddy},
        "op: labels.move\nservice: app\nto: caddy\nlabels: [backupbot.backup]\n",
        {"compose.yml": MAPPING.replace('        backupbot.backup: "true" # daily\n', "") + caddy},
    )


def test_set_every_label_that_matches(check_changed, check_refused):
    step = "op: labels.set\nservice: app\nlabels: {traefik.http.services.*.server.port: '90'}\n"
    check_changed({"compose.yml": LIST}, step, {"compose.yml": LIST.replace("port=80", "port=90")})
    check_refused({"compose.yml": MAPPING}, step, "no label of app 'traefik.http.services.*")


RENAME = "op: labels.rename\nservice: app\nlabels: {backupbot.backup: backupbot.on}\n"


def test_rename_leaves_what_is_renamed_already_and_passes_over_what_is_optional(check_noop):
    check_noop({"compose.yml": LIST.replace("backupbot.backup=", "backupbot.on=")}, RENAME)
    none = RENAME.replace("backupbot.backup:", "homepage.group:") + "optional: true\n"
    check_noop({"compose.yml": LIST}, none)


def test_rename_keeps_places_quotes_comments_and_values(check_changed):
    check_changed(
        {"compose.yml": LIST, "compose.x.yml": OVERLAY},
        RENAME,
        {
            "compose.yml": LIST.replace("backupbot.backup=", "backupbot.on="),
            "compose.x.yml": OVERLAY.replace("backupbot.backup=", "backupbot.on="),
        },
    )
    check_changed(
        {"compose.yml": MAPPING},
        RENAME,
        {"compose.yml": MAPPING.replace("backupbot.backup:", "backupbot.on:")},
    )


def test_rename_onto_another_label_is_refused(check_refused):
    step = RENAME.replace("backupbot.on", "traefik.enable")
    check_refused({"compose.yml": LIST}, step, "traefik.enable")
