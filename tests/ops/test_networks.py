"""network.alias: a name more on one network, and the others as they were."""

from __future__ import annotations

import pytest

HEAD = "services:\n  app:\n    image: nginx:1.27\n    networks:\n"
TAIL = "    deploy:\n      replicas: 1\n\nnetworks:\n  proxy:\n    external: true\n  internal:\n"
LIST = HEAD + "      - proxy\n      - internal\n" + TAIL
MAPPING = (
    HEAD + "      proxy:\n      internal:\n        aliases:\n          - db # old name\n" + TAIL
)
INTERNAL = "op: network.alias\nservice: app\nnetwork: internal\nalias: pds\n"
PROXY = INTERNAL.replace("internal", "proxy")


@pytest.mark.parametrize(
    "networks",
    [
        "      internal:\n        aliases:\n          - pds\n",
        "      internal:\n        aliases: ['pds']\n",
        "      internal: {aliases: [a, pds]}\n      proxy:\n",
    ],
)
def test_leaves_what_is_so(networks, check_noop):
    check_noop({"compose.yml": HEAD + networks + TAIL}, INTERNAL)


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        pytest.param(
            LIST,
            INTERNAL,
            HEAD + "      proxy:\n      internal:\n        aliases:\n          - pds\n" + TAIL,
            id="list",
        ),
        pytest.param(
            LIST,
            PROXY,
            HEAD + "      proxy:\n        aliases:\n          - pds\n      internal:\n" + TAIL,
            id="list, the first of it",
        ),
        pytest.param(
            HEAD + '      # the world\n      - "proxy" # traefik\n\n      - internal\n' + TAIL,
            INTERNAL,
            HEAD + '      # the world\n      "proxy": # traefik\n\n      internal:\n'
            "        aliases:\n          - pds\n" + TAIL,
            id="comments, quotes and blank lines within the list",
        ),
        pytest.param(
            HEAD + "    - proxy\n    # ours\n    - internal\n    ports:\n    - '80'\n" + TAIL,
            INTERNAL,
            HEAD
            + "      proxy:\n      # ours\n      internal:\n        aliases:\n        - pds\n"
            + "    ports:\n    - '80'\n"
            + TAIL,
            id="a list as far left as its key",
        ),
        pytest.param(
            LIST.replace("\n", "\r\n"),
            INTERNAL,
            (
                HEAD + "      proxy:\n      internal:\n        aliases:\n          - pds\n" + TAIL
            ).replace("\n", "\r\n"),
            id="CRLF",
        ),
        pytest.param(
            HEAD + "      - internal",
            INTERNAL,
            HEAD + "      internal:\n        aliases:\n          - pds",
            id="no final newline",
        ),
        pytest.param(
            HEAD.rstrip() + " [proxy, internal] # both\n" + TAIL,
            INTERNAL,
            HEAD.rstrip() + " {proxy: null, internal: {aliases: [pds]}} # both\n" + TAIL,
            id="flow list",
        ),
        pytest.param(
            MAPPING,
            INTERNAL,
            MAPPING.replace("old name\n", "old name\n          - pds\n"),
            id="mapping with aliases",
        ),
        pytest.param(
            MAPPING,
            PROXY,
            MAPPING.replace(
                "proxy:\n      internal",
                "proxy:\n        aliases:\n          - pds\n      internal",
            ),
            id="mapping without",
        ),
        pytest.param(
            HEAD.rstrip() + " {internal: {aliases: [a]}}\n" + TAIL,
            INTERNAL,
            HEAD.rstrip() + " {internal: {aliases: [a, pds]}}\n" + TAIL,
            id="flow mapping",
        ),
    ],
)
def test_adds_the_alias(before, step, after, check_changed):
    check_changed({"compose.yml": before}, step, {"compose.yml": after})


def test_changes_the_overlay_that_joins_the_network(check_changed):
    overlay = "services:\n  app:\n    networks: [mail]\nnetworks:\n  mail:\n"
    check_changed(
        {"compose.yml": LIST, "compose.mail.yml": overlay},
        INTERNAL.replace("internal", "mail"),
        {"compose.mail.yml": overlay.replace("[mail]", "{mail: {aliases: [pds]}}")},
    )


def test_of_several_files_the_spec_names_one(check_refused, check_changed):
    overlay = "services:\n  app:\n    networks:\n      - internal\n"
    files = {"compose.yml": LIST, "compose.x.yml": overlay}
    check_refused(files, INTERNAL, "compose.yml:4, compose.x.yml:3", "`file:`", at="compose.yml:4")
    check_changed(
        files,
        INTERNAL + "file: compose.x.yml\n",
        {
            "compose.x.yml": "services:\n  app:\n    networks:\n      internal:\n"
            "        aliases:\n          - pds\n"
        },
    )


@pytest.mark.parametrize(
    ("file", "networks"),
    [("compose.yml", "{internal: {aliases: [x]}}"), ("compose.x.yml", "[internal]")],
)
def test_is_refused_where_aliases_of_an_overlay_hide_others(file, networks, check_refused):
    overlay = f"services:\n  app:\n    networks: {networks}\n"
    files = {"compose.yml": MAPPING, "compose.x.yml": overlay}
    check_refused(
        files, INTERNAL + f"file: {file}\n", "take the place of those in the files before"
    )


def test_a_network_that_the_service_does_not_join(check_refused, check_noop):
    near = INTERNAL.replace("internal", "internl")
    check_refused({"compose.yml": LIST}, near, "no network of app", "did you mean internal?")
    far = INTERNAL.replace("internal", "mail")
    check_refused({"compose.yml": LIST}, far, "there is proxy, internal")
    check_noop({"compose.yml": LIST}, far + "optional: true\n")
    check_refused({"compose.yml": "services:\n  app:\n    image: a\n"}, far, "there is none")
    check_refused({"compose.yml": LIST}, INTERNAL + "file: x.yml\n", "no compose file 'x.yml'")


ANCHORED = """\
services:
  db:
    image: b
    networks: &nets
      - proxy
      - internal
  app:
    image: a
    networks: *nets
"""


def test_an_alias_is_refused_unless_it_may_be_written_out(check_refused, check_changed):
    check_refused({"compose.yml": ANCHORED}, INTERNAL, "an alias gives", at="compose.yml:9")
    check_refused(
        {"compose.yml": ANCHORED}, INTERNAL.replace("app", "db"), "plain name", at="compose.yml:4"
    )
    check_changed(
        {"compose.yml": ANCHORED},
        INTERNAL + "on_alias: expand\n",
        {
            "compose.yml": ANCHORED.replace(
                " *nets", "\n      proxy:\n      internal:\n        aliases:\n          - pds"
            )
        },
    )


def test_a_list_by_a_merge_key_is_refused(check_refused):
    text = "x-base: &base\n  networks: [internal]\nservices:\n  app:\n    <<: *base\n    image: a\n"
    check_refused({"compose.yml": text}, INTERNAL, "an alias gives the list of networks")


def test_peers_take_the_alias_where_the_spec_says_so(check_changed, check_noop):
    step = PROXY.replace("pds", "${STACK_NAME}-pds") + "hosts: true\n"
    web = "  web:\n    command: run http://app:3000\n"
    before = {
        "compose.yml": LIST.replace("services:\n", "services:\n" + web),
        "Caddyfile": "reverse_proxy http://app:3000\n# tasks.app stays\n",
    }
    after = {
        "compose.yml": before["compose.yml"]
        .replace("http://app", "http://${STACK_NAME}-pds")
        .replace(
            "      - proxy\n", "      proxy:\n        aliases:\n          - ${STACK_NAME}-pds\n"
        )
        .replace("      - internal\n", "      internal:\n"),
        "Caddyfile": "reverse_proxy http://${STACK_NAME}-pds:3000\n# tasks.app stays\n",
    }
    check_changed(before, step, after)
    check_changed(before | {"compose.yml": after["compose.yml"]}, step, after)
    check_noop(after, step)
