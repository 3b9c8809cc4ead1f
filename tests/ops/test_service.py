"""Whole services: added, removed, renamed, and their fields."""

from __future__ import annotations

import pytest

from patchkit.ops import Changed, Refused

HEAD = 'version: "3.8"\n\nservices:\n'
APP = "  app:\n    image: nginx:1.27\n    depends_on:\n      - db\n"
DB = "\n  db:\n    image: postgres:16\n"
BASE = HEAD + APP + DB


def step(op: str, **keys: object) -> str:
    return f"op: service.{op}\n" + "".join(f"{key}: {value}\n" for key, value in keys.items())


class TestAdd:
    REDIS = step("add", service="redis", definition="{image: 'redis:7-alpine'}")

    def test_same_service_is_there(self, check_noop):
        check_noop({"compose.yml": BASE + "\n  redis:\n    image: redis:7-alpine\n"}, self.REDIS)

    def test_another_service_of_that_name(self, check_refused):
        check_refused({"compose.yml": BASE}, step("add", service="db", definition="{image: x}"))

    def test_an_overlay_has_it(self, check_refused):
        files = {"compose.yml": BASE, "compose.x.yml": "services:\n  redis:\n    image: r:1\n"}
        check_refused(files, self.REDIS, "another one", at="compose.x.yml:2")

    def test_goes_behind_the_last_with_the_files_blank_line(self, check_changed):
        after = BASE + "\n  redis:\n    image: 'redis:7-alpine'\n"
        check_changed({"compose.yml": BASE}, self.REDIS, {"compose.yml": after})

    def test_unknown_file(self, check_refused):
        check_refused(
            {"compose.yml": BASE},
            step("add", service="r", definition="{image: x}", file="compose.y.yml"),
            "compose.y.yml",
        )


class TestRemove:
    def test_absent_is_what_it_wants(self, make):
        outcome = make({"compose.yml": BASE}, step("remove", service="zzz")).outcome
        assert isinstance(outcome, Refused)
        assert outcome.absent

    def test_slip_is_not_what_it_wants(self, make):
        files = {"compose.yml": BASE.replace("db", "database")}
        outcome = make(files, step("remove", service="databse")).outcome
        assert isinstance(outcome, Refused)
        assert not outcome.absent
        assert "did you mean database" in outcome.problem.message

    def test_only_service(self, check_refused):
        check_refused(
            {"compose.yml": HEAD + "  app:\n    image: a:1\n"}, step("remove", service="app")
        )

    def test_takes_its_comment_and_what_depends_on_it(self, check_changed):
        before = HEAD + APP + "\n  # keeps the data\n  db:\n    image: postgres:16\n"
        after = HEAD + "  app:\n    image: nginx:1.27\n"
        check_changed({"compose.yml": before}, step("remove", service="db"), {"compose.yml": after})

    def test_goes_from_every_overlay(self, check_changed):
        overlay = "services:\n  app:\n    environment: [A=b]\n  db:\n    environment: [C=d]\n"
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": overlay},
            step("remove", service="db"),
            {
                "compose.yml": HEAD + "  app:\n    image: nginx:1.27\n",
                "compose.x.yml": "services:\n  app:\n    environment: [A=b]\n",
            },
        )

    def test_overlay_that_holds_nothing_else_stays(self, check_changed):
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": "services:\n  db:\n    command: x\n"},
            step("remove", service="db"),
            {
                "compose.yml": HEAD + "  app:\n    image: nginx:1.27\n",
                "compose.x.yml": "services: {}\n",
            },
        )

    def test_heir_gets_what_overlays_gave_one_by_one(self, make):
        overlay = "services:\n  db:\n    environment: [C=d]\n    secrets: [pw]\n"
        files = {"compose.yml": BASE, "compose.x.yml": overlay, "compose.y.yml": overlay}
        after = make(files, step("remove", service="db", heir="app")).files
        given = "services:\n  app:\n    environment:\n      - C=d\n    secrets:\n      - pw\n"
        assert [after["compose.x.yml"], after["compose.y.yml"]] == [given, given]

    def test_heir_gets_of_the_base_what_the_spec_names(self, make):
        before = (
            "services:\n  app:\n    image: a:1\n    environment:\n      MAIL_FROM: me\n"
            "  db:\n    image: b:1\n    environment:\n      MAIL_FROM: you\n      MAIL_USER: x\n"
            "      MAIL_PASSWORD_FILE: /run/secrets/pw\n      OTHER: y\n    secrets: [pw, own]\n"
        )
        after = make(
            {"compose.yml": before}, step("remove", service="db", heir="app", inherit="[MAIL_*]")
        ).files["compose.yml"]
        assert after == (
            "services:\n  app:\n    image: a:1\n    environment:\n      MAIL_FROM: me\n"
            "      MAIL_USER: x\n      MAIL_PASSWORD_FILE: /run/secrets/pw\n"
            "    secrets:\n      - pw\n"
        )

    def test_anchor_of_the_heir_that_only_the_service_uses_is_no_obstacle(self, make):
        overlay = (
            "services:\n  app:\n    environment: &env\n      A: b\n"
            "  db:\n    environment:\n      <<: *env\n      C: d\n"
        )
        files = {"compose.yml": BASE, "compose.x.yml": overlay}
        after = make(files, step("remove", service="db", heir="app")).files["compose.x.yml"]
        assert after == "services:\n  app:\n    environment: &env\n      A: b\n      C: d\n"

    def test_anchor_of_the_heir_that_others_use_is_one(self, check_refused):
        overlay = (
            "services:\n  app:\n    environment: &env\n      A: b\n"
            "  c:\n    image: c:1\n    environment: *env\n"
            "  db:\n    environment:\n      <<: *env\n      C: d\n"
        )
        files = {"compose.yml": BASE, "compose.x.yml": overlay}
        check_refused(files, step("remove", service="db", heir="app"), "&env", at="compose.x.yml:3")

    def test_depends_on_in_mapping_form(self, check_changed):
        depends = (
            "    depends_on:\n      db:\n        condition: x\n      c:\n        condition: y\n"
        )
        before = HEAD + "  app:\n    image: a:1\n" + depends + "  c:\n    image: c:1\n" + DB
        after = before.replace("      db:\n        condition: x\n", "").replace(DB, "")
        check_changed({"compose.yml": before}, step("remove", service="db"), {"compose.yml": after})

    def test_anchor_inside_goes_to_its_only_user(self, check_changed):
        before = (
            "services:\n  db:\n    image: a:1\n    environment: &env\n      A: b # c\n"
            "  app:\n    image: a:1\n    environment: *env\n"
        )
        after = "services:\n  app:\n    image: a:1\n    environment:\n      A: b # c\n"
        check_changed({"compose.yml": before}, step("remove", service="db"), {"compose.yml": after})

    def test_anchor_inside_goes_to_the_first_of_its_users(self, check_changed):
        before = (
            "services:\n  db:\n    image: a:1\n    environment: &env\n      A: b\n"
            "  app:\n    image: a:1\n    environment: *env\n"
            "  web:\n    image: a:1\n    environment:\n      <<: *env\n      C: d\n"
        )
        after = (
            "services:\n  app:\n    image: a:1\n    environment: &env\n      A: b\n"
            "  web:\n    image: a:1\n    environment:\n      <<: *env\n      C: d\n"
        )
        check_changed({"compose.yml": before}, step("remove", service="db"), {"compose.yml": after})

    def test_heir_gets_what_only_overlays_gave(self, check_changed):
        overlay = (
            "services:\n  app:\n    environment:\n      - A=b\n"
            "  db:\n    environment:\n      - A=b\n      - PW_FILE=/run/secrets/pw\n"
            "    secrets:\n      - pw\n"
            "secrets:\n  pw:\n    external: true\n"
        )
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": overlay},
            step("remove", service="db", heir="app"),
            {
                "compose.yml": HEAD + "  app:\n    image: nginx:1.27\n",
                "compose.x.yml": "services:\n  app:\n    environment:\n      - A=b\n"
                "      - PW_FILE=/run/secrets/pw\n    secrets:\n      - pw\n"
                "secrets:\n  pw:\n    external: true\n",
            },
        )

    def test_heir_takes_the_name_in_commands_but_not_in_prose(self, make):
        files = {
            "compose.yml": BASE,
            "abra.sh": 'logs() { abra app logs "$D" db; }\n',
            "README.md": "`db` holds the data: `http://db:1`\n",
        }
        made = make(files, step("remove", service="db", heir="app"))
        assert made.files["abra.sh"] == 'logs() { abra app logs "$D" app; }\n'
        assert made.files["README.md"] == "`db` holds the data: `http://app:1`\n"

    def test_uncertain_name_is_a_finding_with_an_answer_that_the_op_takes(self, make):
        files = {"compose.yml": BASE, "abra.sh": "x() { docker exec db ls; }\n"}
        (finding,) = make(files, step("remove", service="db")).findings
        assert str(finding.place) == "abra.sh:1:19"
        assert "keep: ['abra.sh: …']" in finding.hint
        assert "also:" not in finding.hint

    def test_certain_name_is_left_to_the_closing_rule(self, make):
        files = {"compose.yml": BASE, "app.conf": "http://db:1\n"}
        assert make(files, step("remove", service="db")).findings == ()

    def test_heir_must_be_there(self, check_refused):
        check_refused({"compose.yml": BASE}, step("remove", service="db", heir="web"), "web")


class TestRename:
    RENAME = step("rename", service="db", to="store")

    def test_is_renamed_already(self, check_noop):
        check_noop({"compose.yml": BASE.replace("db", "store")}, self.RENAME)

    def test_new_name_is_taken(self, check_refused):
        check_refused({"compose.yml": BASE}, step("rename", service="db", to="app"), "already")

    def test_neither_is_there(self, make):
        outcome = make({"compose.yml": BASE}, step("rename", service="x", to="y")).outcome
        assert isinstance(outcome, Refused)
        assert not outcome.absent

    def test_keys_references_and_hosts_follow(self, check_changed):
        files = {
            "compose.yml": BASE.replace("nginx:1.27", "nginx:1.27\n    command: 'wait db:5432'"),
            "compose.x.yml": 'services:\n  "db": # more\n    command: x\n',
            "app.conf": "host=db\r\nurl=http://db:1/db\r\n",
        }
        after = {
            "compose.yml": files["compose.yml"]
            .replace("  db:", "  store:")
            .replace("- db", "- store")
            .replace("db:5432", "store:5432"),
            "compose.x.yml": 'services:\n  "store": # more\n    command: x\n',
            "app.conf": "host=store\r\nurl=http://store:1/db\r\n",
        }
        check_changed(files, self.RENAME, after)

    def test_uncertain_place_is_a_finding(self, make):
        files = {"compose.yml": BASE, "abra.sh": "x() { docker exec db ls; }\n"}
        made = make(files, self.RENAME)
        assert isinstance(made.outcome, Changed)
        assert made.files["abra.sh"] == files["abra.sh"]
        assert [str(finding.place) for finding in made.findings] == ["abra.sh:1:19"]

    @pytest.mark.parametrize(
        ("answer", "text"),
        [("also", "x() { docker exec store ls; }\n"), ("keep", "x() { docker exec db ls; }\n")],
    )
    def test_answers(self, make, answer, text):
        files = {"compose.yml": BASE, "abra.sh": "x() { docker exec db ls; }\n"}
        made = make(files, self.RENAME + f'{answer}: ["abra.sh: docker exec"]\n')
        assert made.files["abra.sh"] == text
        assert made.findings == ()

    def test_keep_holds_for_certain_places_too(self, make):
        files = {"compose.yml": BASE, "a.conf": "http://db:1\n"}
        made = make(files, self.RENAME + 'keep: ["a.conf"]\n')
        assert made.files["a.conf"] == "http://db:1\n"


class TestFields:
    def test_same_value(self, check_noop):
        check_noop(
            {"compose.yml": BASE}, step("set", service="app", fields="{image: 'nginx:1.27'}")
        )

    def test_set_where_it_stands(self, check_changed):
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": "services:\n  app:\n    restart: always # x\n"},
            step("set", service="app", fields="{restart: 'no'}"),
            {"compose.x.yml": "services:\n  app:\n    restart: 'no' # x\n"},
        )

    def test_dots_reach_into_mappings(self, check_changed):
        check_changed(
            {"compose.yml": BASE},
            step("set", service="db", fields="{deploy.restart_policy.condition: any}"),
            {"compose.yml": BASE + "    deploy:\n      restart_policy:\n        condition: any\n"},
        )

    def test_several_files_are_refused_unless_one_is_named(self, check_refused, check_changed):
        files = {"compose.yml": BASE, "compose.x.yml": "services:\n  app:\n    image: a:1\n"}
        setting = step("set", service="app", fields="{image: 'b:1'}")
        check_refused(files, setting, "compose.yml:5, compose.x.yml:3", "file:")
        check_changed(
            files,
            setting + "file: compose.x.yml\n",
            {"compose.x.yml": "services:\n  app:\n    image: b:1\n"},
        )

    def test_unset_everywhere(self, check_changed):
        overlay = "services:\n  app:\n    depends_on: [db]\n    init: true\n"
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": overlay},
            step("unset", service="app", fields="[depends_on]"),
            {
                "compose.yml": HEAD + "  app:\n    image: nginx:1.27\n" + DB,
                "compose.x.yml": "services:\n  app:\n    init: true\n",
            },
        )

    def test_unset_in_one_file_leaves_the_others(self, check_changed):
        overlay = "services:\n  app:\n    depends_on: [db]\n    init: true\n"
        check_changed(
            {"compose.yml": BASE, "compose.x.yml": overlay},
            step("unset", service="app", fields="[depends_on]", file="compose.x.yml"),
            {"compose.x.yml": "services:\n  app:\n    init: true\n"},
        )

    def test_unset_in_a_file_that_has_it_no_more(self, make):
        files = {"compose.yml": BASE, "compose.x.yml": "services:\n  app:\n    init: true\n"}
        unset = step("unset", service="app", fields="[depends_on]", file="compose.x.yml")
        outcome = make(files, unset).outcome
        assert isinstance(outcome, Refused)
        assert outcome.absent
        assert outcome.problem.message == "app has no depends_on in compose.x.yml"
        assert outcome.problem.hint == "it stands at compose.yml:6"

    def test_unset_in_a_file_that_is_not_there(self, check_refused):
        unset = step("unset", service="app", fields="[depends_on]", file="compose.y.yml")
        check_refused({"compose.yml": BASE}, unset, "compose file 'compose.y.yml'")

    def test_unset_of_a_slip_names_the_field(self, check_refused):
        check_refused(
            {"compose.yml": BASE},
            step("unset", service="app", fields="[depend_on]"),
            "did you mean depends_on",
        )
