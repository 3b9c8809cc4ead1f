"""Verdicts, guards and found parameters."""

from __future__ import annotations

import pytest

from patchkit import PatchkitError, RecipeTree, Verdict, loads_fix, render

HEAD = "id: x\ntitle: X\nrecipe: x\nwhy: To see.\n"
COMPOSE = """\
services:
  app:
    image: docker.example/library/nginx:1.27
    depends_on: [db]
    environment:
      - A=b
      - C=${D:-e}
    networks: [proxy]
    secrets: [pw]
    deploy:
      labels: {x.y: "z"}
  db:
    image: ${IMAGE:-postgres}:${TAG:-16-alpine}
    volumes:
      - pgdata:/var/lib/postgresql/data/
    configs:
      - source: conf
        target: /etc/pg.conf
    ports: ["5432:5432"]
volumes:
  pgdata:
networks:
  proxy:
    external: true
secrets:
  pw:
    external: true
configs:
  conf:
    file: pg.conf
"""
FILES = {"compose.yml": COMPOSE, "pg.conf": "a = 1\n", "logo.png": b"\x00"}
NOOP = "ops:\n  - {op: image.set, service: app, image: 'docker.example/library/nginx:1.27'}\n"
CHANGE = "ops:\n  - {op: image.set, service: app, tag: '1.28'}\n"


def result(spec: str, **files: str):
    return render(loads_fix(HEAD + spec), RecipeTree.from_files(FILES | files))


HOLDS = [
    "{service: app}",
    "{service: web, absent: true}",
    "{service: app, image: nginx}",
    "{service: app, image: 'nginx:1.*'}",
    "{service: app, image: library/nginx}",
    "{service: app, image: apache|nginx}",
    "{service: db, image: postgres}",
    "{service: db, image: 'postgres:16-*'}",
    "{service: app, image: postgres, absent: true}",
    "{service: app, label: x.y}",
    "{service: app, label: x.*, value: z}",
    "{service: app, label: x.y, matches: '^z$'}",
    "{service: app, label: q, absent: true}",
    "{service: app, environment: A, value: b}",
    "{service: app, environment: C, value: e}",
    "{service: db, config_at: /etc/pg.conf}",
    "{service: db, volume_at: /var/lib/postgresql/data}",
    "{service: app, secret: pw}",
    "{service: app, network: proxy}",
    "{service: app, depends_on: db}",
    "{service: app, field: deploy.labels}",
    "{service: app, field: deploy.replicas, absent: true}",
    "{config: conf}",
    "{volume: pg*}",
    "{secret: pw}",
    "{network: proxy}",
    "{file: pg.conf}",
    "{file: '*.txt', absent: true}",
    "{file: pg.conf, text: a = 1}",
    "{file: pg.conf, matches: '^a'}",
    "{files: 'compose*.yml', text: nginx}",
    "{files: '*', text: nowhere, absent: true}",
    "{any: [{service: web}, {service: app}]}",
]


@pytest.mark.parametrize("condition", HOLDS)
def test_condition_that_holds_lets_the_fix_through(condition):
    assert result(f"expects:\n  - {condition}\n{CHANGE}").verdict is Verdict.APPLIES


FAILS = [
    ("{service: web}", "service web", "compose.yml:1"),
    ("{service: app, absent: true}", "service app", "compose.yml:2"),
    ("{service: app, image: postgres}", "postgres", "compose.yml:3"),
    ("{service: app, image: 'nginx:1.26'}", "nginx:1.26", "compose.yml:3"),
    ("{service: app, label: x.y, value: q}", "it is z", "compose.yml:2"),
    ("{service: app, label: x}", "label x", "compose.yml:2"),
    ("{service: app, environment: A, value: c}", "it is b", "compose.yml:5"),
    ("{service: app, environment: Z}", "variable Z", "compose.yml:5"),
    ("{service: app, config_at: /x}", "/x", "compose.yml:2"),
    ("{service: app, volume_at: /x}", "/x", "compose.yml:2"),
    ("{service: app, secret: qq}", "qq", "compose.yml:2"),
    ("{service: app, field: entrypoint}", "field entrypoint", "compose.yml:2"),
    ("{volume: other}", "other", "compose.yml:20"),
    ("{file: nope}", "nope", "nope"),
    ("{file: pg.conf, text: a = 1, absent: true}", "a = 1", "pg.conf:1"),
    ("{files: '*', text: nginx, absent: true}", "nginx", "compose.yml:3"),
    ("{any: [{service: web}, {service: api}]}", "none of these", "compose.yml:1"),
]


@pytest.mark.parametrize(("condition", "said", "place"), FAILS)
def test_condition_that_fails_is_drift_with_a_place(condition, said, place):
    patch = result(f"expects:\n  - {condition}\n{CHANGE}")
    assert patch.verdict is Verdict.DRIFTED
    assert patch.tree == patch.base
    (reason,) = patch.reasons
    assert said in reason.message
    assert ":".join(str(reason.place).split(":")[:2]) == place


def test_every_failing_condition_is_told():
    patch = result(f"expects: [{{service: x}}, {{service: app}}, {{service: y}}]\n{CHANGE}")
    assert len(patch.reasons) == 2


def test_because_is_told():
    spec = f"expects: [{{service: x, because: it must be there}}]\n{CHANGE}"
    assert result(spec).reasons[0].hint == "it must be there"


class TestVerdict:
    def test_nothing_to_do_is_fixed(self):
        assert result(NOOP).verdict is Verdict.FIXED

    def test_what_should_go_and_is_gone_is_fixed(self):
        ops = "ops:\n  - {op: labels.unset, service: app, labels: [backupbot.backup]}\n"
        assert result(ops).verdict is Verdict.FIXED

    def test_what_should_go_and_is_misspelt_is_drift(self):
        ops = "ops:\n  - {op: environment.unset, service: app, names: [AA]}\n"
        files = {"compose.yml": COMPOSE.replace("A=b", "LONG_NAME=b")}
        ops = ops.replace("AA", "LONG_NAMES")
        patch = result(ops, **files)
        assert patch.verdict is Verdict.DRIFTED
        assert "LONG_NAME" in patch.reasons[0].message

    def test_gone_from_a_service_that_is_not_there_is_drift(self):
        ops = "ops:\n  - {op: labels.unset, service: web, labels: [a]}\n"
        assert result(ops).verdict is Verdict.DRIFTED

    def test_one_op_refused_is_drift_and_nothing_changed(self):
        ops = CHANGE + "  - {op: image.set, service: web, tag: '1'}\n"
        patch = result(ops)
        assert patch.verdict is Verdict.DRIFTED
        assert patch.tree == patch.base
        assert patch.diff() == ""

    def test_unmet_expectation_on_a_fixed_recipe_is_fixed(self):
        spec = "expects: [{service: app, image: 'nginx:1.26'}]\n"
        spec += CHANGE.replace("1.28", "1.27") + "ensures: [{service: app, image: 'nginx:1.27'}]\n"
        assert result(spec).verdict is Verdict.FIXED

    def test_ops_that_miss_what_they_ensure_are_drift(self):
        patch = result(CHANGE + "ensures: [{service: app, image: 'nginx:1.29'}]\n")
        assert patch.verdict is Verdict.DRIFTED
        assert patch.reasons[0].message.startswith("after the ops: ")
        assert patch.tree == patch.base

    def test_optional_op_may_match_nothing(self):
        ops = CHANGE + "  - {op: labels.unset, service: app, labels: [q], optional: true}\n"
        assert result(ops).verdict is Verdict.APPLIES

    def test_op_whose_time_has_not_come_is_left_out(self):
        ops = CHANGE + "  - {op: service.remove, service: db, when: [{service: web}]}\n"
        patch = result(ops)
        assert patch.verdict is Verdict.APPLIES
        assert [change.step for change in patch.changes] == ["image.set"]

    def test_when_sees_what_ops_before_it_did(self):
        ops = (
            CHANGE + "  - {op: environment.set, service: app, variables: {N: '1'},"
            " when: [{service: app, image: 'nginx:1.28'}]}\n"
        )
        assert "N=1" in result(ops).tree.text("compose.yml")


FOUND = [
    ("{find: service, image: postgres}", "db"),
    ("{find: service, name: 'd*'}", "db"),
    ("{find: service, mounts: /var/lib/postgresql/data}", "db"),
    ("{find: service, config_at: /etc/pg.conf}", "db"),
    ("{find: service, label: x.y}", "app"),
    ("{find: service, publishes: 5432}", "db"),
    ("{find: volume, service: db, at: /var/lib/postgresql/data}", "pgdata"),
    ("{find: volume, service: db, at: '/nowhere|/var/lib/postgresql/data'}", "pgdata"),
    ("{find: config, service: db, at: /etc/pg.conf}", "conf"),
    ("{find: secret, service: app, at: /run/secrets/pw}", "pw"),
    ("{find: environment, service: app, name: A}", "b"),
    ("{find: environment, service: app, name: C}", "e"),
    ("{find: environment, service: app, name: Z, default: q}", "q"),
    ("{find: file, config: conf}", "pg.conf"),
    ("{find: file, text: a = 1}", "pg.conf"),
    ("{find: file, text: a = 1, service: db}", "pg.conf"),
    ("{find: network, service: app, name: pr*}", "proxy"),
    ("{find: network, service: app, name: '!in*'}", "proxy"),
]
PRINT = "ops:\n  - {op: file.add, path: out, text: '{{ p }}'}\n"


@pytest.mark.parametrize(("query", "value"), FOUND)
def test_parameter_is_found_by_meaning(query, value):
    patch = result(f"params:\n  p: {query}\n{PRINT}")
    assert patch.tree.text("out") == value


def test_parameter_that_is_not_found_is_drift_and_says_what_there_is():
    patch = result(f"params:\n  p: {{find: service, image: mariadb}}\n{PRINT}")
    assert patch.verdict is Verdict.DRIFTED
    assert "app (docker.example/library/nginx:1.27)" in patch.reasons[0].message


def test_value_that_only_the_operator_knows_is_not_found():
    files = {"compose.yml": COMPOSE.replace("A=b", "A=${A}")}
    query = "{find: environment, service: app, name: A, default: q}"
    assert result(f"params:\n  p: {query}\n{PRINT}", **files).tree.text("out") == "q"
    patch = result(f"params:\n  p: {query.replace(', default: q', '')}\n{PRINT}", **files)
    assert patch.verdict is Verdict.DRIFTED
    assert "add --param p=VALUE" in patch.reasons[0].hint


def test_text_in_the_file_of_another_service_is_not_found():
    patch = result(f"params:\n  p: {{find: file, text: a = 1, service: app}}\n{PRINT}")
    assert patch.verdict is Verdict.DRIFTED


def test_two_candidates_are_never_guessed():
    two = COMPOSE.replace(
        "volumes:\n  pgdata:", "  db2:\n    image: postgres:15\nvolumes:\n  pgdata:"
    )
    patch = result(
        f"params:\n  p: {{find: service, image: postgres, default: db}}\n{PRINT}",
        **{"compose.yml": two},
    )
    assert patch.verdict is Verdict.DRIFTED
    assert "db, db2" in patch.reasons[0].message
    assert "--param" in patch.reasons[0].hint


def test_given_parameter_is_not_looked_for():
    fix = loads_fix(HEAD + f"params:\n  p: {{find: service, image: mariadb}}\n{PRINT}")
    patch = render(fix, RecipeTree.from_files(FILES), {"p": "mine"})
    assert patch.tree.text("out") == "mine"


def test_values_are_not_templates_themselves():
    fix = loads_fix(HEAD + f"params: {{p: a}}\n{PRINT}")
    patch = render(fix, RecipeTree.from_files(FILES), {"p": "{{ 7 * 7 }}"})
    assert patch.tree.text("out") == "{{ 7 * 7 }}"


def test_template_that_gives_the_wrong_type_is_the_specs_error():
    op = "{op: text.replace, file: pg.conf, find: a, with: b, count: '{{ n }}'}"
    fix = loads_fix(HEAD + f"params: {{n: some}}\nops:\n  - {op}\n")
    with pytest.raises(PatchkitError, match="count"):
        render(fix, RecipeTree.from_files(FILES))


@pytest.mark.parametrize("text", ["services: [\n", "a: *b\n", "- x\n"])
def test_recipe_that_cannot_be_read_is_an_error_not_drift(text):
    with pytest.raises(PatchkitError, match=r"compose\.x\.yml"):
        result(CHANGE, **{"compose.x.yml": text})


class TestOtherRecipe:
    DRIFTS = "expects:\n  - {service: web}\n" + CHANGE
    NOT_FOUND = "params: {web: {find: service, image: web}}\n" + CHANGE

    @pytest.mark.parametrize("spec", [DRIFTS, NOT_FOUND], ids=["unmet", "not found"])
    @pytest.mark.parametrize("name", ["TYPE", "RECIPE"])
    def test_drift_of_another_recipe_says_so_first(self, spec, name):
        first, *others = result(spec, **{".env.sample": f"DOMAIN=a\n{name}=forum\n"}).reasons
        assert first.message == "the fix is for x, and this recipe calls itself forum"
        assert str(first.place) == ".env.sample:2:1"
        assert len(others) == 1

    @pytest.mark.parametrize("sample", ["TYPE=x\n", "TYPE=x:1.2.0+3\n", "#TYPE=y\n", "TYPE=\n"])
    def test_drift_of_the_recipe_itself_does_not(self, sample):
        (reason,) = result(self.DRIFTS, **{".env.sample": sample}).reasons
        assert "calls itself" not in reason.message

    def test_fix_that_fits_is_made_all_the_same(self):
        assert result(CHANGE, **{".env.sample": "TYPE=y\n"}).verdict is Verdict.APPLIES


def test_op_that_a_closing_rule_undoes_on_the_second_run():
    label = "coop-cloud.${STACK_NAME}.version"
    spec = (
        f"ops: [{{op: labels.set, service: app, labels: {{'{label}': 1.0.0+3}}}}]\nversion: patch\n"
    )
    files = {"compose.yml": COMPOSE.replace('{x.y: "z"}', f'["{label}=1.0.0+2"]')}
    once = result(spec, **files)
    assert "1.0.1+3" in once.tree.text("compose.yml")
    twice = result(spec, **{"compose.yml": once.tree.text("compose.yml")})
    assert (twice.verdict, twice.diff(), twice.changes) == (Verdict.FIXED, "", ())
