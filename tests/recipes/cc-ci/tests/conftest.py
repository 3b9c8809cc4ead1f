"""What tests of recipes are given."""

import os

import pytest
from harness import meta


@pytest.fixture
def ctx(request: pytest.FixtureRequest) -> meta.Context:
    """The run of the recipe that a test belongs to."""
    recipe = request.path.relative_to(meta.TESTS).parts[0]
    return meta.Context(domain=os.environ["DOMAIN"], meta=meta.load(recipe))
