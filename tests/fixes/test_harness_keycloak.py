"""The fix of keycloak: the patched module gives every enrolled recipe its domain."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cc_ci import HARNESS, fixed, importing, patched, ruff_says, tree_of, write
from variants import bom, changed_lines, crlf, no_final_newline, resub, sample, then, without

ZONE = "ci.example.org"
# Every recipe that is enrolled, written down a second time.
RECIPES = (
    *("bluesky-pds", "cryptpad", "custom-html", "discourse", "ghost", "gitea", "hedgedoc"),
    *("immich", "keycloak", "lasuite-docs", "lasuite-drive", "mailu", "matrix-synapse"),
    *("mattermost-lts", "mumble", "n8n", "nextcloud", "peertube", "plausible", "uptime-kuma"),
    "wordpress",
)
BEFORE = {recipe: f"warm-{recipe}.{ZONE}" for recipe in RECIPES}
AFTER = BEFORE | {"keycloak": f"warm-canon-keycloak.{ZONE}"}
LIVE = {f"warm-keycloak.{ZONE}", f"traefik.{ZONE}"}


@pytest.fixture
def harness(tmp_path):
    """Return a function that imports the modules of a harness."""

    def run(tree, read):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        tree.write(folder)
        with importing(folder) as load:
            return read(load)

    return run


def domains(load):
    assert set(load("warm").WARM_DOMAINS.values()) == LIVE
    enrolled = load("enrolled").RECIPES
    assert len(enrolled) == len(set(enrolled)) == 21
    return {recipe: load("canonical").canonical_domain(recipe) for recipe in enrolled}


def test_before_keycloak_has_the_domain_of_the_live_provider(harness):
    found = harness(tree_of(sample(HARNESS)), domains)
    assert found == BEFORE
    assert set(found.values()) & LIVE == {f"warm-keycloak.{ZONE}"}


def test_after_one_domain_is_another_and_none_collides(harness):
    found = harness(fixed("keycloak"), domains)
    assert found == AFTER
    assert {recipe for recipe in found if found[recipe] != BEFORE[recipe]} == {"keycloak"}
    assert len(set(found.values())) == len(found)
    assert not set(found.values()) & LIVE


def test_after_keycloak_is_kept_warm(harness):
    before = harness(tree_of(sample(HARNESS)), lambda load: load("canonical").canonical_domains())
    assert "keycloak" not in before
    found = harness(fixed("keycloak"), lambda load: load("canonical").canonical_domains())
    assert found == AFTER


def test_loader_takes_the_patched_settings(harness):
    settings = harness(fixed("keycloak"), lambda load: load("meta").load("keycloak"))
    assert settings.WARM_CANONICAL is True
    assert settings.HEALTH_PATH == "/realms/master"


@pytest.mark.parametrize("live", RECIPES)
def test_recipe_that_becomes_a_live_provider_moves_as_well(live, harness):
    """It is told by WARM_DOMAINS, not by name."""
    tree = fixed("keycloak")

    def read(load):
        load("warm").WARM_DOMAINS[live] = BEFORE[live]
        return load("canonical").canonical_domain(live)

    assert harness(tree, read) == f"warm-canon-{live}.{ZONE}"


CANONICAL, META = "runner/harness/canonical.py", "tests/keycloak/recipe_meta.py"
NAMES = (
    (
        r"^from harness import enrolled, meta, warm$",
        "from harness import enrolled, meta\nfrom harness.warm import stable_domain",
    ),
    (r"warm\.stable_domain", "stable_domain"),
)
# Harnesses that say the same in another way.
VARIANTS = {
    "another name of the argument": resub(
        CANONICAL,
        (r"\bcanonical_domain\(recipe: str\)", "canonical_domain(r: str)"),
        (r"stable_domain\(recipe\)", "stable_domain(r)"),
    ),
    "names imported from the module": resub(CANONICAL, *NAMES),
    "module by another name": resub(
        CANONICAL,
        (
            r"^from harness import enrolled, meta, warm$",
            "import harness.warm as live\nfrom harness import enrolled, meta",
        ),
        (r"warm\.stable", "live.stable"),
    ),
    "module by its whole name": resub(
        CANONICAL,
        (
            r"^from harness import enrolled, meta, warm$",
            "import harness.warm\nfrom harness import enrolled, meta",
        ),
        (r"\bwarm\.stable", "harness.warm.stable"),
    ),
    "no docstring and no annotations": resub(
        CANONICAL, (r'\(recipe: str\) -> str:\n    """.*"""\n', "(recipe):\n")
    ),
    "by way of a variable": resub(
        CANONICAL,
        (
            r"    return warm\.stable_domain\(recipe\)",
            "    domain = warm.stable_domain(recipe)\n    return domain",
        ),
    ),
    "written out": resub(
        CANONICAL, (r"return warm\.stable_domain\(recipe\)", 'return f"warm-{recipe}.{warm.ZONE}"')
    ),
    "decorated": resub(
        CANONICAL,
        (r"^from harness import", "import functools\n\nfrom harness import"),
        (r"^def canonical_domain\(", "@functools.cache\ndef canonical_domain("),
    ),
    "last in the file": resub(
        CANONICAL,
        (r"(?s)^(def canonical_domain\(.*?)\n\n\n(def canonical_domains.*)\Z", r"\2\n\n\1\n"),
    ),
    "on several lines": resub(
        CANONICAL,
        (r"\(recipe: str\) -> str:", "(\n    recipe: str,  # as it is enrolled\n) -> str:"),
    ),
    "comments everywhere": then(
        resub(
            CANONICAL,
            (
                r'(    """Return the domain of a recipe.*"""\n)',
                r"\1    # The same from run to run.\n\n",
            ),
            (r"(return warm\.stable_domain\(recipe\))", r"\1  # one a recipe"),
        ),
        resub(
            META, (r"^WARM_CANONICAL = False$", "# Kept out.\nWARM_CANONICAL = False  # for now")
        ),
    ),
    "Windows line ends": crlf("*.py"),
    "a byte order mark": bom(CANONICAL),
    "tabs": resub(CANONICAL, (r"^(    )+", "\t")),
    "lines that no formatter may touch": resub(
        CANONICAL, (r"^def canonical_domain\(", "# fmt: off\ndef canonical_domain(")
    ),
    "no final newline": no_final_newline("*.py"),
    "setting that is not given": resub(META, (r"^WARM_CANONICAL.*\n", "")),
    "setting with a type": resub(
        META, (r"^WARM_CANONICAL = False", "WARM_CANONICAL: bool = False")
    ),
    "setting that comes first": resub(
        META,
        (r"^WARM_CANONICAL = False\n", ""),
        (r"^HEALTH_PATH", "WARM_CANONICAL = False\nHEALTH_PATH"),
    ),
    "setting that is true by mistake": resub(
        META, ("WARM_CANONICAL = False", "WARM_CANONICAL = True")
    ),
    "providers as a set": resub(
        "runner/harness/warm.py",
        (
            r"WARM_DOMAINS = \{\n(.*\n)+?\}",
            'DOMAINS = {"keycloak": f"warm-keycloak.{ZONE}", "traefik": f"traefik.{ZONE}"}\n'
            "WARM_DOMAINS = DOMAINS | {}",
        ),
    ),
    "a domain was made by hand, and the setting was forgotten": resub(
        CANONICAL,
        (
            r"    return warm",
            "    if recipe in warm.WARM_DOMAINS:\n"
            '        return f"warm-canon-{recipe}.{warm.ZONE}"\n    return warm',
        ),
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variant(name, harness, tmp_path):
    files = VARIANTS[name](sample(HARNESS))
    after = patched("keycloak", files)
    assert {path for path in after if after[path] != files[path]} <= {CANONICAL, META}
    assert harness(tree_of(after), domains) == AFTER
    assert harness(tree_of(after), lambda load: load("canonical").canonical_domains()) == AFTER
    assert (
        harness(tree_of(after), lambda load: load("meta").load("keycloak")).WARM_CANONICAL is True
    )
    gone = [line for path in files for line in changed_lines(files[path], after[path])[0]]
    assert all(line.startswith(("WARM_CANONICAL", "from harness.warm import")) for line in gone)
    assert ruff_says(write(after, tmp_path / "after")) == ruff_says(
        write(files, tmp_path / "before")
    )


DRIFTED = {
    "no such function": (
        resub(CANONICAL, (r"\bcanonical_domain\(", "domain_of(")),
        ("and that file has none",),
    ),
    "function twice": (
        resub(CANONICAL, (r"(?s)^(def canonical_domain\(.*?\n)\n\n", r"\1\n\n\1\n\n")),
        ("canonical_domain is defined 2 times",),
    ),
    "syntax error": (
        resub(CANONICAL, (r"^def canonical_domains\(\)", "def canonical_domains(")),
        ("cannot read this",),
    ),
    "no live providers": (
        resub("runner/harness/warm.py", ("WARM_DOMAINS", "PROVIDERS")),
        ("the fix tells live providers by WARM_DOMAINS",),
    ),
    "no stable domain": (
        resub("runner/harness/warm.py", ("stable_domain", "domain")),
        ("the fix makes the new domain with it",),
    ),
    "another module makes the domain": (
        resub(
            "runner/harness/warm.py",
            (
                r'return f"warm-',
                'name = f"warm-canon-{recipe}" if recipe in WARM_DOMAINS else recipe\n'
                '    return f"warm-',
            ),
        ),
        ("makes domains of canonical stacks itself",),
    ),
    "setting under a condition": (
        resub(META, ("WARM_CANONICAL = False", "if HEALTH_PATH:\n    WARM_CANONICAL = False")),
        ("WARM_CANONICAL is set under a condition",),
    ),
    "no settings": (without(META), (META,)),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("keycloak", variant(sample(HARNESS)), *words)
