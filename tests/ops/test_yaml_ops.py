"""yaml.*: by path, in any YAML file, for what has no op of its own."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

COMPOSE = """\
services:
  app:
    image: a:1
    # the world reaches it
    ports:
      - "80:80" # http
      - 443:443
    configs:
      - source: first # of two
        target: /first
        mode: 0440
      - source: second
        target: /second
    deploy:
      labels: ["a=b", 'c.d=e']
  db:
    image: b:1

networks:
  proxy:
    external: true
"""
OVERLAY = "services:\n  app:\n    tty: true\n    hostname: x\n"
PORTS = '    # the world reaches it\n    ports:\n      - "80:80" # http\n      - 443:443\n'


def step(verb: str, path: str, rest: str = "") -> str:
    return f"op: yaml.{verb}\npath: {path}\n{rest}"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(step("set", "services.app.image", "value: 'a:1'\n"), id="other quotes"),
        pytest.param(step("set", "services.app.ports[1]", "value: 443:443\n"), id="item"),
        pytest.param(step("set", "networks", "value: {proxy: {external: true}}\n"), id="mapping"),
        pytest.param(step("append", "services.app.ports", "value: '443:443'\n"), id="text"),
        pytest.param(
            step("append", "services.app.configs", "value: {target: /second, source: second}\n"),
            id="mapping, its keys in another order",
        ),
        pytest.param("op: yaml.move\nfrom: services.web\nto: services.db\n", id="moved already"),
    ],
)
def test_leaves_what_is_so(made, check_noop):
    check_noop({"compose.yml": COMPOSE}, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(
            step("set", "services.app.ports.0", "value: 8080:80\n"),
            '"80:80" # http',
            '"8080:80" # http',
            id="set an item, quotes and comment stay",
        ),
        pytest.param(
            step("set", "services.db.deploy.replicas", "value: 2\n"),
            "b:1\n",
            "b:1\n    deploy:\n      replicas: 2\n",
            id="set makes what is above",
        ),
        pytest.param(
            step("set", "services.db.command", "value: [run, '--x']\n"),
            "b:1\n",
            "b:1\n    command: [run, '--x']\n",
            id="set keeps brackets and quotes of the spec",
        ),
        pytest.param(
            step("set", "[services, db, read.only]", "value: yes\n"),
            "b:1\n",
            'b:1\n    read.only: "yes"\n',
            id="set by a list of steps, a text that others would read as true",
        ),
        pytest.param(
            step("set", r"services.db.labels.a\.b", "value: 0555\n"),
            "b:1\n",
            "b:1\n    labels:\n      a.b: 0555\n",
            id="set with an escaped dot, a number as it is written",
        ),
        pytest.param(
            step("set", "networks.proxy", "value: {external: true, name: p}\n"),
            "true\n",
            "true\n    name: p\n",
            id="set a mapping key by key",
        ),
        pytest.param(step("unset", "services.app.ports"), PORTS, "", id="unset, with its comment"),
        pytest.param(
            step("unset", "services.app.configs[0].mode"),
            "        mode: 0440\n",
            "",
            id="unset in item",
        ),
        pytest.param(
            step("append", "services.app.ports", "value: '22:22'\n"),
            "443:443\n",
            "443:443\n      - '22:22'\n",
            id="append",
        ),
        pytest.param(
            step("append", "services.db.cap_add", "value: SYS_NICE\n"),
            "b:1\n",
            "b:1\n    cap_add:\n      - SYS_NICE\n",
            id="append makes the list",
        ),
        pytest.param(
            step("append", "services.app.deploy.labels", "value: x=y\n"),
            "'c.d=e']",
            "'c.d=e', \"x=y\"]",
            id="append in brackets",
        ),
        pytest.param(
            step("remove", "services.app.ports", "value: 80:80\n"),
            '      - "80:80" # http\n',
            "",
            id="remove a text",
        ),
        pytest.param(
            step("remove", "services.app.configs", "value: {source: first}\n"),
            "      - source: first # of two\n        target: /first\n        mode: 0440\n",
            "",
            id="remove a mapping by a part of it",
        ),
        pytest.param(
            step("remove", "services.app.configs", "value: {mode: 288}\n"),
            "      - source: first # of two\n        target: /first\n        mode: 0440\n",
            "",
            id="remove by a number's value",
        ),
    ],
)
@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_changes_one_place(made, old, new, eol, check_changed):
    assert COMPOSE.count(old) == 1
    before, after = COMPOSE, COMPOSE.replace(old, new)
    check_changed(
        {"compose.yml": before.replace("\n", eol)}, made, {"compose.yml": after.replace("\n", eol)}
    )


def test_changes_the_file_that_is_named(check_changed):
    check_changed(
        {"compose.yml": COMPOSE, "compose.x.yml": OVERLAY.rstrip("\n")},
        step("unset", "services.app.hostname", "file: compose.x.yml\n"),
        {"compose.x.yml": "services:\n  app:\n    tty: true"},
    )
    check_changed(
        {"compose.yml": COMPOSE, "conf/app.yaml": "a: 1 # one\n"},
        step("set", "a", "value: 2\nfile: conf/app.yaml\n"),
        {"conf/app.yaml": "a: 2 # one\n"},
    )


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (step("unset", "services.app.prots"), ("no key of services.app 'prots'", "mean ports?")),
        (step("unset", "services.web.image"), ("no key of services 'web'", "there is app, db")),
        (step("unset", "services.app.ports[7]"), ("services.app.ports '7'", "there is 0, 1")),
        (step("unset", "volumes"), ("no key 'volumes'",)),
        (step("unset", "services.app.hostname"), ("compose.x.yml:4 has it", "`file:`")),
        (step("remove", "services.app.ports", "value: 81:80\n"), ("mean 80:80",)),
        (step("remove", "services.app.volumes", "value: a\n"), ("services.app 'volumes'",)),
        (step("remove", "services.app.image", "value: a:1\n"), ("item of services.app.image",)),
        (step("remove", "services.app.configs", "value: {a: null}\n"), ("'{a: null}'",)),
        ("op: yaml.move\nfrom: services.web\nto: services.x\n", ("no key of services 'web'",)),
        (step("set", "a", "value: 1\nfile: compose.yaml\n"), ("mean compose.yml",)),
        (step("append", "a", "value: 1\nfile: compose.yaml\n"), ("mean compose.yml",)),
        (step("set", "services.ap.image", "value: x\n"), ("no service 'ap'", "mean app")),
        (step("append", "services.ap.ports", "value: x\n"), ("no service 'ap'", "mean app")),
        ("op: yaml.move\nfrom: networks\nto: services.ap.x\n", ("no service 'ap'",)),
    ],
)
def test_names_what_is_there_instead(made, words, check_refused):
    check_refused({"compose.yml": COMPOSE, "compose.x.yml": OVERLAY}, made, *words)


@pytest.mark.parametrize(
    ("made", "words", "line"),
    [
        (step("set", "services.app.image.tag", "value: 1\n"), "a value of its own", 3),
        (step("set", "services.app.ports[5]", "value: 1\n"), "is a sequence", 6),
        (step("append", "services.app.image", "value: 1\n"), "is no sequence", 3),
        (step("remove", "services.app.configs", "value: {}\n"), "at lines 9, 12", 9),
        ("op: yaml.move\nfrom: services.app\nto: services.db\n", "is there already", 17),
        ("op: yaml.move\nfrom: services.app\nto: services.app.x\n", "lies within", 0),
    ],
)
def test_refuses_what_it_cannot_do(made, words, line, check_refused):
    at = f"compose.yml:{line}" if line else ""
    check_refused({"compose.yml": COMPOSE}, made, words, at=at)


@pytest.mark.parametrize("verb", ["unset", "remove"])
def test_what_is_gone_is_told_from_what_is_misspelt(verb, check_refused, check_noop):
    rest = "value: x\n" if verb == "remove" else ""
    gone = step(verb, "services.app.sysctls", rest)
    assert check_refused({"compose.yml": COMPOSE}, gone).absent
    check_noop({"compose.yml": COMPOSE}, gone + "optional: true\n")
    assert not check_refused(
        {"compose.yml": COMPOSE}, step(verb, "services.app.configss", rest)
    ).absent


MOVES = """\
services:
  app:
    image: a:1
    # for the proxy
    labels: # all of them
      # on
      - "traefik.enable=true"

      - |
        x=y
    # who runs it
    user: "0"
    deploy: {replicas: 1, mode: global}
  db:
    image: b:1
"""


@pytest.mark.parametrize(
    ("source", "to", "after"),
    [
        pytest.param(
            "services.app.labels",
            "services.app.annotations",
            MOVES.replace("labels:", "annotations:"),
            id="beside itself it is a rename",
        ),
        pytest.param(
            "services.app.labels",
            "services.db.deploy.labels",
            """\
services:
  app:
    image: a:1
    # who runs it
    user: "0"
    deploy: {replicas: 1, mode: global}
  db:
    image: b:1
    deploy:
      # for the proxy
      labels: # all of them
        # on
        - "traefik.enable=true"

        - |
          x=y
""",
            id="a block with its comments, deeper",
        ),
        pytest.param(
            "services.app.labels",
            "labels",
            """\
services:
  app:
    image: a:1
    # who runs it
    user: "0"
    deploy: {replicas: 1, mode: global}
  db:
    image: b:1
# for the proxy
labels: # all of them
  # on
  - "traefik.enable=true"

  - |
    x=y
""",
            id="a block with its comments, further left",
        ),
        pytest.param(
            "services.app.user",
            "services.db.account",
            MOVES.replace('    # who runs it\n    user: "0"\n', "")
            + '    # who runs it\n    account: "0"\n',
            id="one line, under another key",
        ),
        pytest.param(
            "services.app.deploy.mode",
            "services.db.mode",
            MOVES.replace(", mode: global", "") + "    mode: global\n",
            id="out of braces",
        ),
        pytest.param(
            "services.app.image",
            "services.app.deploy.image",
            MOVES.replace("    image: a:1\n", "").replace("global}", "global, image: a:1}"),
            id="into braces",
        ),
    ],
)
def test_moves_what_stands_there(source, to, after, check_changed):
    for eol in ("\n", "\r\n"):
        check_changed(
            {"compose.yml": MOVES.replace("\n", eol)},
            f"op: yaml.move\nfrom: {source}\nto: {to}\n",
            {"compose.yml": after.replace("\n", eol)},
        )


def test_items_that_are_lists_are_compared_too(check_noop, check_changed, check_refused):
    files = {"a.yml": "a:\n  - [b, 1]\n  - {c: [2]}\n"}
    check_noop(files, step("append", "a", "file: a.yml\nvalue: [b, '1']\n"))
    made = step("remove", "a", "file: a.yml\nvalue: {c: [2]}\n")
    check_changed(files, made, {"a.yml": "a:\n  - [b, 1]\n"})
    made = step("remove", "a", "file: a.yml\nvalue: [b, null]\n")
    check_refused(files, made, "no item of a '[b, null]'; did you mean [b, 1]?")


def test_moves_an_item_to_a_key(check_changed):
    check_changed(
        {"compose.yml": "a:\n  - 'b'\n  - c\n"},
        "op: yaml.move\nfrom: a[0]\nto: d\n",
        {"compose.yml": "a:\n  - c\nd: 'b'\n"},
    )


def test_does_not_move_comments_into_braces(check_refused):
    check_refused(
        {"compose.yml": MOVES},
        "op: yaml.move\nfrom: services.app.labels\nto: services.app.deploy.labels\n",
        "a comment beside the entry would be lost",
        at="compose.yml:7",
    )


ANCHORED = """\
x-env: &env
  A: b
services:
  app:
    environment: *env
    labels: &labels
      a: b
  db:
    environment:
      <<: *env
      C: d
    labels: *labels
"""


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (step("set", "services.app.environment.A", "value: x\n"), "*env"),
        (step("unset", "services.app.environment.A"), "*env"),
        (step("unset", "services.db.environment.A"), "*env"),
        (step("set", "services.app.labels.a", "value: x\n"), "&labels"),
        ("op: yaml.move\nfrom: services.app.environment.A\nto: x\n", "holds an alias"),
        ("op: yaml.move\nfrom: services.app.labels\nto: labels\n", "labels"),
    ],
)
def test_aliases_are_refused_unless_the_spec_has_settled_them(made, words, check_refused):
    check_refused({"compose.yml": ANCHORED}, made, words)


OVERRIDDEN = "x: &x\n  a: 1\ny:\n  <<: *x\n  a: 2\n  b: 3\n"


@pytest.mark.parametrize("made", [step("unset", "y.a"), "op: yaml.move\nfrom: y.a\nto: z.a\n"])
def test_what_hides_a_merged_value_is_not_removed(made, check_refused):
    check_refused({"compose.yml": OVERRIDDEN}, made, "a merge key gives")


def test_an_alias_is_expanded_or_its_anchor_changed(check_changed):
    set_a = step("set", "services.app.environment.A", "value: x\n")
    check_changed(
        {"compose.yml": ANCHORED},
        set_a + "on_alias: expand\n",
        {
            "compose.yml": ANCHORED.replace(
                "app:\n    environment: *env", "app:\n    environment:\n      A: x"
            )
        },
    )
    check_changed(
        {"compose.yml": ANCHORED},
        set_a + "on_alias: edit-anchor\n",
        {"compose.yml": ANCHORED.replace("A: b", "A: x")},
    )


def test_what_would_stand_before_its_anchor_is_not_moved(check_refused, check_changed):
    text = "b:\n  c: 1\nx: &x 1\ny:\n  z: *x\n  k: 2\n"
    move = "op: yaml.move\nfrom: y.z\nto: b.z\n"
    check_refused({"compose.yml": text}, move, "would stand before its anchor", at="compose.yml:5")
    check_changed(
        {"compose.yml": text},
        "op: yaml.move\nfrom: y.z\nto: d.z\n",
        {"compose.yml": "b:\n  c: 1\nx: &x 1\ny:\n  k: 2\nd:\n  z: *x\n"},
    )


@pytest.mark.parametrize("path", ["''", "a..b", "[]", "[a, -1]", "{a: b}", "null", "7"])
def test_refuses_what_is_no_path(path, make):
    with pytest.raises(ValidationError):
        make({"compose.yml": COMPOSE}, step("unset", path))


def test_refuses_a_file_that_is_no_yaml(check_refused):
    files = {"compose.yml": COMPOSE, "app.yml.tmpl": "a: {{ env\n"}
    check_refused(files, step("unset", "a", "file: app.yml.tmpl\n"), "not valid YAML")


@pytest.mark.parametrize(
    "made",
    [
        step("set", "x-hooks", "value:\n  restart: always\n"),
        step("set", "x-hooks.restart", "value: always\n"),
        "op: yaml.move\nfrom: services.db.deploy\nto: x-hooks\n",
    ],
    ids=["set", "set below", "move"],
)
def test_new_extension_goes_where_services_can_use_it(made, check_changed):
    before = "version: '3.8'\n\n# who is here\n" + COMPOSE
    moved = "    image: b:1\n    deploy:\n      restart: always\n"
    start = before.replace("    image: b:1\n", moved) if "move" in made else before
    new = "x-hooks:\n  restart: always\n\n"
    after = before.replace("# who is here\n", f"{new}# who is here\n")
    check_changed({"compose.yml": start}, made, {"compose.yml": after})
