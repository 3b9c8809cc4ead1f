"""abra's lint as a judge, with a stand-in for abra that does what is known of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import judged_as_is, put_on_path, states

from patchkit import RecipeTree
from patchkit.verify import State, abra_run, chosen
from patchkit.verify.abra_table import Row, read

STAND_IN = Path(__file__).with_name("abra_stand_in.py")
COMPOSE = """\
version: "3.8"
services:
  app:
    image: nginx:1.27.5
    deploy:
      labels:
        - traefik.enable=true
        - coop-cloud.${STACK_NAME}.version=1.2.0+1.27.5
"""
OVERLAY = """\
version: "3.8"
services:
  sidekiq:
    environment: [A=b]
"""
GOOD = {"compose.yml": COMPOSE, ".env.sample": "DOMAIN=small.example.com\n"}
ORPHANED = GOOD | {"compose.mail.yml": OVERLAY}
HOLD = "abra's error rules hold"
AGREE = "abra and patchkit say the same of FATA, R001, R008, R009, R010, R011, R014"


@pytest.fixture
def abra(tmp_path, monkeypatch):
    """Put a stand-in on the PATH."""

    def put(**settings):
        text = STAND_IN.read_text()
        head, mark, body = text.partition("  # SETTINGS\n")
        assert mark
        values = "".join(f"{name.upper()} = {value!r}\n" for name, value in settings.items())
        put_on_path(tmp_path / "bin", "abra", f"{head}\n{values}{body}", monkeypatch)

    return put


def test_not_available_without_abra():
    judgement = judged(GOOD, GOOD)
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason == "abra is not installed"
    assert "docs.coopcloud.tech" in judgement.hint


def test_asked_wherever_it_is_installed(abra):
    from patchkit import load_fix

    fix = load_fix("gitea")
    assert "abra" not in chosen(fix)
    abra()
    assert chosen(fix)[-1] == "abra"


def judged(base, files):
    before, after = map(RecipeTree.from_files, (base, files))
    return judged_as_is("abra", after, before)


STYLES = {
    "heavy": {},
    "colours": {"style": "colours"},
    "light": {"style": "light"},
    "markdown": {"style": "markdown"},
    "folded": {"width": 12},
    "folded, in colours": {"width": 10, "style": "colours"},
}


@pytest.mark.parametrize("settings", STYLES.values(), ids=STYLES)
def test_good_recipe(abra, settings):
    abra(**settings)
    judgement = judged(GOOD, GOOD | {"README.md": "# Small\n"})
    assert states(judgement) == {HOLD: "passed", AGREE: "passed"}
    assert judgement.state is State.PASSED
    assert judgement.ran[-1] == "abra recipe lint -n mattermost-lts"


@pytest.mark.parametrize("settings", STYLES.values(), ids=STYLES)
def test_error_rule_that_the_fix_breaks(abra, settings):
    abra(**settings)
    judgement = judged(GOOD, ORPHANED)
    assert states(judgement) == {HOLD: "failed", AGREE: "passed"}
    assert judgement.state is State.FAILED
    (failure,) = judgement.failures
    assert failure.output == "R011: all services have images; ensure image: is set everywhere"
    assert str(failure.place) == "compose.mail.yml:3:3"


def test_error_rule_that_failed_before(abra):
    abra()
    judgement = judged(ORPHANED, ORPHANED | {"README.md": "# Small\n"})
    assert states(judgement) == {HOLD: "failed before", AGREE: "passed"}
    assert judgement.state is State.PASSED


def test_error_rule_that_fails_beside_an_old_one(abra):
    """What is new is what is shown."""
    abra()
    without_app = {path: text.replace("  app:", "  web:") for path, text in ORPHANED.items()}
    judgement = judged(ORPHANED, without_app)
    assert states(judgement)[HOLD] == "failed"
    assert judgement.failures[0].output.startswith("R009: ")


def test_without_a_fix_nothing_was_before(abra):
    abra()
    judgement = judged(ORPHANED, ORPHANED)
    assert states(judgement) == {HOLD: "failed", AGREE: "passed"}


def test_fatal(abra):
    """Both stop at it, and so they agree."""
    abra()
    judgement = judged(GOOD, {"compose.yml": COMPOSE})
    agree = "abra and patchkit say the same of FATA"
    assert states(judgement) == {HOLD: "failed", agree: "passed"}
    assert judgement.failures[0].output == "FATA: <recipe.go:12> unable to discover .env.sample"


@pytest.mark.parametrize(
    ("ref", "mark", "said"),
    [
        ("R001", "❌", "R001: abra says that it fails, patchkit that it holds"),
        ("R011", "❌", "R011: abra says that it fails, patchkit that it holds"),
    ],
)
def test_disagreement_is_told(abra, ref, mark, said):
    abra(pretend={ref: (mark, "-")})
    judgement = judged(GOOD, GOOD)
    assert states(judgement)[AGREE] == "failed"
    assert said in [check.output for check in judgement.checks]


def test_disagreement_that_was_there_before(abra):
    abra(pretend={"R001": ("❌", "-")})
    judgement = judged(GOOD, GOOD | {"README.md": "# Small\n"})
    assert states(judgement) == {HOLD: "passed", AGREE: "failed before"}


def test_abra_passes_over_what_patchkit_finds(abra):
    abra(pretend={"R011": ("✅", "-")})
    judgement = judged(GOOD, ORPHANED)
    assert states(judgement) == {HOLD: "passed", AGREE: "failed"}
    (failure,) = judgement.failures
    assert failure.output == "R011: abra says that it holds, patchkit that it fails"
    assert str(failure.place) == "compose.mail.yml:3:3"


def test_skipped_rules_are_not_compared(abra):
    abra(pretend={"R011": ("-", "✅"), "R009": ("❌", "✅")})
    judgement = judged(GOOD, ORPHANED)
    agree = "abra and patchkit say the same of FATA, R001, R008, R010, R014"
    assert states(judgement) == {HOLD: "passed", agree: "passed"}


def test_comments_that_allow_a_finding_are_patchkits_alone(abra):
    abra()
    overlay = OVERLAY.replace("sidekiq:", "sidekiq:  # patchkit: allow R011 it is built here")
    judgement = judged(GOOD, GOOD | {"compose.mail.yml": overlay})
    assert states(judgement) == {HOLD: "failed", AGREE: "passed"}


def test_compose_files_that_nobody_can_read(abra):
    abra()
    judgement = judged(GOOD, GOOD | {"compose.yml": "services: [\n"})
    agree = "abra and patchkit say the same of FATA"
    assert states(judgement) == {HOLD: "failed", agree: "passed"}
    assert "FATA: unable to read" in judgement.failures[0].output


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("network", "abra needs the network here: dial tcp: lookup git.example.com: no such host"),
        ("another", "abra showed no table of rules, but: usage: abra GENOME"),
        ("asks", "abra showed no table of rules, but: "),
    ],
)
def test_abra_that_judges_nothing_is_not_available(abra, mode, reason):
    abra(mode=mode)
    judgement = judged(GOOD, GOOD)
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason.startswith(reason)


def test_abra_that_hangs(abra, monkeypatch):
    monkeypatch.setattr(abra_run, "SECONDS", 1.0)
    abra(mode="hangs")
    judgement = judged(GOOD, GOOD)
    assert judgement.state is State.FAILED
    assert judgement.failures[0].output == "one moment"


# The table alone.


def test_marks_and_columns():
    table = read(
        "┃ REF  ┃ RULE ┃ SEVERITY ┃ SATISFIED ┃ SKIPPED ┃ RESOLVE ┃\r\n"
        "┃ R001 ┃ a    ┃ warn     ┃ ✅        ┃ -       ┃ do a    ┃\r\n"
        "┃ R002 ┃ b    ┃ ERROR    ┃ ❌        ┃ -       ┃ do b    ┃\r\n"
        "┃ R016 ┃ c    ┃ error    ┃           ┃ ✅      ┃ do c    ┃\r\n"
    )
    assert table.rows == {
        "R001": Row("R001", "a", "warn", True, "do a"),
        "R002": Row("R002", "b", "error", False, "do b"),
        "R016": Row("R016", "c", "error", None, "do c"),
    }
    assert table.fatal == ()


def test_rows_folded_in_every_cell():
    """A window that is too narrow breaks even short words."""
    table = read(
        "┃R011┃all   ┃erro┃ ❌ ┃ - ┃ensure ┃\n"
        "┃    ┃have  ┃r   ┃    ┃   ┃that   ┃\n"
        "┃    ┃images┃    ┃    ┃   ┃       ┃\n"
        "┃R012┃x     ┃warn┃ ✅ ┃ - ┃       ┃\n"
    )
    assert table.rows["R011"] == Row("R011", "all have images", "error", False, "ensure that")
    assert list(table.rows) == ["R011", "R012"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("FATA no such recipe", "no such recipe"),
        ("FATA[0003] no such recipe  \r", "no such recipe"),
        ("12:00:01 \x1b[31mFATA\x1b[0m: no such recipe", "no such recipe"),
    ],
)
def test_fatal_lines(line, said):
    assert read(f"WARN old\n{line}\n").fatal == (said,)


def test_words_that_only_look_like_it():
    assert read("the FATAL one and R011 alone\nFATALITY 1\n┃ about R011 ┃ x ┃\n") == read("")
