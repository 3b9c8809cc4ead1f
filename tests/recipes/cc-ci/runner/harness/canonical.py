"""The canonical stack of a recipe: its last good version, kept deployed to be upgraded from."""

from harness import enrolled, meta, warm


def canonical_domain(recipe: str) -> str:
    """Return the domain of a recipe's canonical stack."""
    return warm.stable_domain(recipe)


def canonical_domains() -> dict[str, str]:
    """Return the domain of every canonical stack, by recipe."""
    kept = [recipe for recipe in enrolled.RECIPES if meta.load(recipe).WARM_CANONICAL]
    return {recipe: canonical_domain(recipe) for recipe in kept}
