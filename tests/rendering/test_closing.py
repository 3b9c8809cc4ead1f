"""Closing rules: what every fix must not forget."""

from __future__ import annotations

from typing import Any

import pytest

from patchkit import RecipeTree, Verdict, loads_fix, render

HEAD = "id: x\ntitle: X\nrecipe: x\nwhy: To see.\n"
COMPOSE = """\
services:
  app:
    image: a:1
    configs:
      - conf
    deploy:
      labels:
        - coop-cloud.${STACK_NAME}.version=1.2.3+4.5
configs:
  conf:
    name: ${STACK_NAME}_conf_${CONF_VERSION}
    file: app.conf
"""
FILES = {
    "compose.yml": COMPOSE,
    "app.conf": "a = 1\n",
    "abra.sh": "export CONF_VERSION=v3\nexport OTHER_VERSION=v9\n",
}
EDIT = "ops:\n  - {op: text.replace, file: app.conf, find: a = 1, with: a = 2}\n"


def made(files: dict[str, str], ops: str, **head: str):
    more = "".join(f"{key}: {value}\n" for key, value in head.items())
    patch = render(loads_fix(HEAD + more + ops), RecipeTree.from_files(files))
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    return patch


def changed(patch: Any) -> dict[str, str | None]:
    return {
        path: patch.tree.text(path) if path in patch.tree else None
        for path in patch.tree.changed_paths(patch.base)
    }


class TestConfigVersions:
    def test_other_files_raise_nothing(self):
        files = FILES | {"notes.txt": "a = 1\n"}
        assert set(changed(made(files, EDIT.replace("app.conf", "notes.txt")))) == {"notes.txt"}

    def test_changed_content_raises_once(self):
        patch = made(FILES, EDIT)
        assert changed(patch)["abra.sh"] == "export CONF_VERSION=v4\nexport OTHER_VERSION=v9\n"

    def test_a_fix_that_raises_it_itself_is_not_raised_again(self):
        ops = EDIT + "  - {op: abra.export, name: CONF_VERSION, value: v7}\n"
        assert changed(made(FILES, ops))["abra.sh"].startswith("export CONF_VERSION=v7\n")

    def test_two_configs_of_one_variable_raise_it_once(self):
        compose = (
            COMPOSE + "  more:\n    name: ${STACK_NAME}_more_${CONF_VERSION}\n    file: b.conf\n"
        )
        files = FILES | {"compose.yml": compose, "b.conf": "a = 1\n"}
        ops = EDIT + EDIT.partition("\n")[2].replace("app.conf", "b.conf")
        assert changed(made(files, ops))["abra.sh"].startswith("export CONF_VERSION=v4\n")

    def test_two_configs_of_one_file_raise_both(self):
        compose = (
            COMPOSE + "  more:\n    name: ${STACK_NAME}_more_${OTHER_VERSION}\n    file: app.conf\n"
        )
        patch = made(FILES | {"compose.yml": compose}, EDIT)
        assert changed(patch)["abra.sh"] == "export CONF_VERSION=v4\nexport OTHER_VERSION=v10\n"

    def test_default_in_the_name_counts_and_abra_sh_wins(self):
        compose = COMPOSE.replace("${CONF_VERSION}", "${CONF_VERSION:-v8}")
        assert "CONF_VERSION=v4" in changed(made(FILES | {"compose.yml": compose}, EDIT))["abra.sh"]
        without = {"compose.yml": compose, "app.conf": "a = 1\n"}
        assert changed(made(without, EDIT))["abra.sh"] == "export CONF_VERSION=v9\n"

    def test_template_driver_is_part_of_a_config(self):
        ops = "ops:\n  - {op: yaml.set, path: configs.conf.template_driver, value: golang}\n"
        assert "CONF_VERSION=v4" in changed(made(FILES, ops))["abra.sh"]

    def test_new_config_is_exported(self):
        ops = (
            "ops:\n  - {op: config.add, service: app, name: extra, target: /extra, text: hi,"
            " file: extra}\n"
        )
        assert "export EXTRA_VERSION=v1\n" in changed(made(FILES, ops))["abra.sh"]

    def test_abra_sh_is_made_when_it_is_missing(self):
        ops = (
            "ops:\n  - {op: config.add, service: app, name: extra, target: /extra, text: hi,"
            " file: extra}\n"
        )
        files = {"compose.yml": "services:\n  app:\n    image: a:1\n"}
        assert changed(made(files, ops))["abra.sh"] == "export EXTRA_VERSION=v1\n"

    @pytest.mark.parametrize(
        ("old", "new"),
        [("_${CONF_VERSION}", ""), ("conf_${CONF_VERSION}", "conf")],
        ids=["no version", "fixed name"],
    )
    def test_config_without_a_version_is_a_finding(self, old, new):
        patch = made(FILES | {"compose.yml": COMPOSE.replace(old, new)}, EDIT)
        (finding,) = patch.findings
        assert finding.rule == "stale-config-version"
        assert (finding.place.path, finding.place.line) == ("compose.yml", 10)

    def test_version_that_is_no_number_is_a_finding(self):
        files = FILES | {"abra.sh": "export CONF_VERSION=latest\n"}
        assert [finding.rule for finding in made(files, EDIT).findings] == ["stale-config-version"]


WORKER = """\
services:
  app:
    image: a:1
    secrets:
      - shared
    volumes:
      - data:/data
    networks:
      - internal
  worker:
    image: a:1
    command: run ${WORKERS} ${DOMAIN}
    environment:
      - QUEUE
    secrets:
      - shared
      - own
    configs:
      - conf
    volumes:
      - data:/data
      - jobs:/jobs
    networks:
      - internal
      - back
volumes:
  data:
  jobs:
networks:
  internal:
  back:
secrets:
  shared:
    external: true
    name: ${STACK_NAME}_shared_${SECRET_SHARED_VERSION}
  own:
    external: true
    name: ${STACK_NAME}_own_${SECRET_OWN_VERSION}
configs:
  conf:
    name: ${STACK_NAME}_conf_${CONF_VERSION}
    file: app.conf
"""
WORKER_FILES = {
    "compose.yml": WORKER,
    "app.conf": "a = 1\n",
    "abra.sh": "export CONF_VERSION=v3\nexport OTHER_VERSION=v9\n",
    ".env.sample": "DOMAIN=x\nWORKERS=2\n#QUEUE=jobs\n"
    "SECRET_SHARED_VERSION=v1\nSECRET_OWN_VERSION=v1\n",
}
REMOVE = "ops:\n  - {op: service.remove, service: worker}\n"


class TestRemovedService:
    def test_takes_what_only_it_used(self):
        after = changed(made(WORKER_FILES, REMOVE))
        assert after.pop("compose.yml") == (
            "services:\n  app:\n    image: a:1\n    secrets:\n      - shared\n"
            "    volumes:\n      - data:/data\n    networks:\n      - internal\n"
            "volumes:\n  data:\nnetworks:\n  internal:\n"
            "secrets:\n  shared:\n    external: true\n"
            "    name: ${STACK_NAME}_shared_${SECRET_SHARED_VERSION}\n"
        )
        assert after.pop("app.conf") is None
        assert after.pop("abra.sh") == "export OTHER_VERSION=v9\n"
        assert after.pop(".env.sample") == "DOMAIN=x\nSECRET_SHARED_VERSION=v1\n"
        assert "docker service rm ${STACK_NAME}_worker\n" in after.pop("release/next")
        assert after == {}

    def test_settings_that_others_use_stay(self):
        files = WORKER_FILES | {"start.sh": "echo $WORKERS\n"}
        sample = changed(made(files, REMOVE))[".env.sample"]
        assert "WORKERS=2" in sample
        assert "QUEUE" not in sample

    def test_settings_of_what_the_fix_takes_from_others_go_as_well(self):
        files = WORKER_FILES | {
            "compose.yml": WORKER_FILES["compose.yml"].replace(
                "    image: a:1\n", "    image: a:1\n    environment: [SIZE=$SIZE]\n", 1
            ),
            ".env.sample": "SIZE=3\nWORKERS=2\n",
        }
        ops = REMOVE + "  - {op: environment.unset, service: app, names: [SIZE]}\n"
        assert changed(made(files, ops))[".env.sample"] == ""

    def test_section_whose_anchor_only_it_used_goes(self):
        head = (
            "x-worker: &worker\n  image: a:1\nx-own: {a: &own b, c: *own}\nx-idle: &idle {a: b}\n"
        )
        files = {
            "compose.yml": f"{head}services:\n  app:\n    image: a:1\n  worker:\n    <<: *worker\n"
        }
        after = changed(made(files, REMOVE))["compose.yml"]
        assert after == head[head.index("x-own") :] + "services:\n  app:\n    image: a:1\n"

    def test_same_fix_by_a_plain_edit_is_closed_too(self):
        by_path = "ops:\n  - {op: yaml.unset, path: services.worker}\n"
        a, b = made(WORKER_FILES, REMOVE), made(WORKER_FILES, by_path)
        assert a.tree == b.tree

    def test_plain_edit_leaves_no_entry_that_names_it(self):
        waiting = WORKER.replace(
            "    image: a:1\n    secrets",
            "    image: a:1\n    depends_on: [worker]\n    secrets",
            1,
        )
        by_path = "ops:\n  - {op: yaml.unset, path: services.worker}\n"
        after = changed(made(WORKER_FILES | {"compose.yml": waiting}, by_path))
        assert "depends_on" not in after["compose.yml"]

    def test_plain_edit_that_leaves_a_host_name_is_a_finding(self):
        by_path = "ops:\n  - {op: yaml.unset, path: services.worker}\n"
        (finding,) = made(WORKER_FILES | {"a.conf": "x\nhttp://worker:1\n"}, by_path).findings
        assert (finding.place.path, finding.place.line) == ("a.conf", 2)

    def test_host_name_that_a_later_op_takes_away_is_none(self):
        files = WORKER_FILES | {"app.env": "U=http://worker:1\n"}
        ops = REMOVE + "  - {op: file.remove, path: app.env}\n"
        (finding,) = made(files, REMOVE).findings
        assert finding.message == "this names the service worker, which is gone"
        assert made(files, ops).findings == ()

    def test_answered_host_name_is_none(self):
        files = WORKER_FILES | {"a.conf": "http://worker:1\n"}
        ops = "ops:\n  - {op: service.remove, service: worker, keep: [a.conf]}\n"
        assert made(files, ops).findings == ()

    def test_note_is_not_given_twice(self):
        note = "Run this:\n\n    docker service rm ${STACK_NAME}_worker\n"
        after = changed(made(WORKER_FILES | {"release/next": note}, REMOVE))
        assert after["release/next"].count("docker service rm") == 1

    def test_note_goes_behind_what_is_there(self):
        after = changed(made(WORKER_FILES | {"release/next": "Mind the gap."}, REMOVE))
        assert after["release/next"].startswith("Mind the gap.\n\nThe service `worker` is gone.")


SEARCH = """\
services:
  app:
    environment:
      - SEARCH_KEY
    secrets:
      - search_pw
  search:
    image: b:1
    volumes:
      - words:/words
    configs:
      - search_conf
volumes:
  words:
secrets:
  search_pw:
    external: true
    name: ${STACK_NAME}_search_pw_${SECRET_SEARCH_PW_VERSION}
configs:
  search_conf:
    name: ${STACK_NAME}_search_conf_${SEARCH_CONF_VERSION}
    file: ./search.conf
"""
SEARCH_FILES = FILES | {
    "compose.search.yml": SEARCH,
    "search.conf": "a = 1\n",
    "abra.sh": "export CONF_VERSION=v3\nexport SEARCH_CONF_VERSION=v1\n",
    ".env.sample": "DOMAIN=x\n#SEARCH_KEY=x\n#SECRET_SEARCH_PW_VERSION=v1\n",
}


class TestRemovedOverlay:
    REMOVE = "ops:\n  - {op: file.remove, path: compose.search.yml}\n"

    def test_takes_the_traces_of_what_it_defined(self):
        after = changed(made(SEARCH_FILES, self.REMOVE))
        note = after.pop("release/next")
        assert "docker service rm ${STACK_NAME}_search\n" in note
        assert "docker volume rm ${STACK_NAME}_words\n" in note
        assert after == {
            "compose.search.yml": None,
            "search.conf": None,
            "abra.sh": "export CONF_VERSION=v3\n",
            ".env.sample": "DOMAIN=x\n",
        }

    def test_what_another_file_needs_stays(self):
        uses = "    secrets: [search_pw]\n    configs: [search_conf]\n    volumes: ['words:/w']\n"
        again = SEARCH[SEARCH.index("volumes:\n  words") :]
        files = SEARCH_FILES | {"compose.words.yml": f"services:\n  app:\n{uses}{again}"}
        after = changed(made(files, self.REMOVE))
        assert "docker volume rm" not in after.pop("release/next")
        assert after == {
            "compose.search.yml": None,
            ".env.sample": "DOMAIN=x\n#SECRET_SEARCH_PW_VERSION=v1\n",
        }

    def test_another_name_takes_nothing(self):
        ops = "ops:\n  - {op: file.rename, path: compose.search.yml, to: compose.find.yml}\n"
        after = changed(made(SEARCH_FILES, ops))
        assert after == {"compose.search.yml": None, "compose.find.yml": SEARCH}


class TestLostFile:
    FILES = FILES | {
        "compose.yml": COMPOSE.replace(
            "    configs:\n      - conf\n",
            "    secrets:\n      - {source: pw, target: key}\n"
            "    environment:\n      - PW_FILE=/run/secrets/key\n      - OTHER=/run/secrets/pw\n",
        )
        + "secrets:\n  pw:\n    external: true\n    name: ${STACK_NAME}_pw_v1\n"
    }
    REMOVE = "ops:\n  - {op: secret.remove, name: pw}\n"

    def test_variable_that_names_its_file_is_a_finding(self):
        (finding,) = made(self.FILES, self.REMOVE).findings
        assert finding.message == "this names /run/secrets/key, a secret that app has no more"
        assert str(finding.place) == "compose.yml:5:9"
        assert finding.hint == "change or remove it too, or leave the secret in place"

    @pytest.mark.parametrize(
        "op",
        [
            "{op: environment.unset, service: app, names: [PW_FILE]}",
            "{op: environment.set, service: app, variables: {PW_FILE: /run/secrets/pw}}",
            "{op: secret.add, service: app, name: new, target: key}",
        ],
        ids=["removed", "changed", "another secret there"],
    )
    def test_answers(self, op):
        assert made(self.FILES, f"{self.REMOVE}  - {op}\n").findings == ()

    @pytest.mark.parametrize(
        ("field", "column"),
        [
            ("    entrypoint: /run.sh\n", 17),
            ('    command: ["sh", "-c", "/run.sh now"]\n', 27),
            ("    healthcheck:\n      test: /run.sh check\n", 13),
            ("    labels:\n      backupbot.backup.pre-hook: /run.sh backup\n", 34),
        ],
        ids=["entrypoint", "command", "healthcheck", "hook"],
    )
    def test_place_that_names_a_config_which_is_gone(self, field, column):
        mounted = "    configs:\n      - {source: conf, target: /run.sh}\n"
        files = FILES | {
            "compose.yml": COMPOSE.replace("    configs:\n      - conf\n", field + mounted)
        }
        (finding,) = made(files, "ops:\n  - {op: config.remove, name: conf}\n").findings
        assert finding.message == "this names /run.sh, a config that app has no more"
        assert finding.place.column == column

    def test_config_that_is_mounted_elsewhere_is_none(self):
        files = FILES | {
            "compose.yml": COMPOSE.replace(
                "      - conf\n", "      - conf\n    command: run /conf\n"
            )
        }
        ops = "ops:\n  - {op: config.retarget, service: app, name: conf, to: /template/conf}\n"
        assert made(files, ops).findings == ()

    def test_longer_path_is_none(self):
        files = FILES | {
            "compose.yml": COMPOSE.replace(
                "      - conf\n", "      - conf\n    command: run /conf.d/x /conf.json /my/conf\n"
            )
        }
        assert made(files, "ops:\n  - {op: config.remove, name: conf}\n").findings == ()

    def test_variable_that_names_nothing_from_the_start_is_none(self):
        files = self.FILES | {"compose.yml": self.FILES["compose.yml"].replace("key}", "x}")}
        assert made(files, self.REMOVE).findings == ()


class TestOrphanedService:
    OFFER = '#COMPOSE_FILE="compose.yml:compose.search.yml"\n'
    FILES = FILES | {
        "compose.search.yml": "services:\n  search:\n    image: b:1\n",
        ".env.sample": OFFER,
    }

    def test_block_in_the_base_for_a_service_of_an_overlay(self):
        ops = "ops:\n  - {op: labels.move, service: app, to: search, labels: [coop-cloud.*]}\n"
        (finding,) = made(self.FILES, ops).findings
        assert finding.rule == "orphaned-service"
        assert finding.message == "search has no image in a deployment of compose.yml"
        assert str(finding.place) == "compose.yml:6:3"

    def test_block_that_an_overlay_keeps(self):
        more = "  worker:\n    image: a:1\n"
        overlay = "services:\n  worker:\n    init: true\n"
        files = self.FILES | {
            "compose.yml": COMPOSE.replace("configs:\n  conf", f"{more}configs:\n  conf"),
            "compose.search.yml": overlay,
        }
        (finding,) = made(files, "ops:\n  - {op: yaml.unset, path: services.worker}\n").findings
        words = "worker has no image in a deployment of compose.yml and compose.search.yml"
        assert (finding.message, str(finding.place)) == (words, "compose.search.yml:2:3")

    def test_orphan_from_the_start_is_none(self):
        files = self.FILES | {"compose.search.yml": "services:\n  search:\n    init: true\n"}
        assert made(files, EDIT).findings == ()

    def test_overlay_of_an_overlay_is_none(self):
        both = 'COMPOSE_FILE="compose.yml:compose.search.yml:compose.tune.yml"\n'
        files = self.FILES | {"compose.tune.yml": "services:\n  app:\n    init: true\n"}
        ops = (
            "ops:\n  - op: environment.set\n    service: search\n    file: compose.tune.yml\n"
            "    variables: {A: b}\n"
        )
        assert made(files | {".env.sample": both}, ops).findings == ()


class TestRenamedService:
    def test_note_names_the_old_one(self):
        ops = "ops:\n  - {op: service.rename, service: worker, to: jobs}\n"
        note = changed(made(WORKER_FILES, ops))["release/next"]
        assert "`worker` is now called `jobs`" in note
        assert "    docker service rm ${STACK_NAME}_worker\n" in note

    def test_swap_names_only_the_service_that_is_gone(self):
        ops = (
            "ops:\n  - {op: service.rename, service: app, to: jobs}\n"
            "  - {op: service.rename, service: worker, to: app}\n"
        )
        note = changed(made(WORKER_FILES, ops))["release/next"]
        assert note.count("docker service rm") == 1
        assert "${STACK_NAME}_worker" in note

    def test_name_written_after_the_rename_is_a_finding(self):
        ops = (
            "ops:\n  - {op: service.rename, service: worker, to: jobs}\n"
            "  - {op: environment.set, service: app, variables: {U: 'http://worker:1'}}\n"
        )
        (finding,) = made(WORKER_FILES, ops).findings
        assert finding.rule == "dangling-reference"
        assert "http://worker:1" in finding.place.text


@pytest.mark.parametrize(
    ("part", "version"), [("patch", "1.2.4+4.5"), ("minor", "1.3.0+4.5"), ("major", "2.0.0+4.5")]
)
def test_version_of_the_recipe_goes_up(part, version):
    after = changed(made(FILES, EDIT, version=part))
    assert f"coop-cloud.${{STACK_NAME}}.version={version}\n" in after["compose.yml"]


def test_version_without_a_label_drifts():
    files = {"compose.yml": "services:\n  app:\n    image: a:1\n", "app.conf": "a = 1\n"}
    patch = render(loads_fix(HEAD + "version: patch\n" + EDIT), RecipeTree.from_files(files))
    assert patch.verdict is Verdict.DRIFTED
    assert patch.tree == patch.base
