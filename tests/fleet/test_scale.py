"""A few hundred recipes, one of them broken: the script for thousands, in small."""

from __future__ import annotations

import fleet_scale


def test_one_broken_recipe_among_many_and_memory_that_does_not_grow(capsys):
    assert fleet_scale.main(200) == 0
    assert "200 recipes" in capsys.readouterr().out
