"""The domains of canonical stacks."""

from harness import canonical, enrolled, warm


def test_every_domain_is_of_the_zone():
    for recipe in enrolled.RECIPES:
        assert canonical.canonical_domain(recipe).endswith(f"{recipe}.{warm.ZONE}")


def test_canonical_stacks_meet_no_other_and_no_live_provider():
    domains = list(canonical.canonical_domains().values())
    assert len(domains) == len(set(domains))
    assert not set(domains) & set(warm.WARM_DOMAINS.values())


def test_recipe_without_a_live_provider_keeps_its_stable_domain():
    assert canonical.canonical_domain("gitea") == warm.stable_domain("gitea")
