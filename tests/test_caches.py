"""What patchkit remembers is bounded, and is what the text says now."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import patchkit
from patchkit import RecipeTree, check, loads_fix, render
from patchkit.spec.templates import render_file

FIX = """\
id: pin
title: Pin the image
recipe: app
why: A moving tag broke it.
params: {tag: "1.27"}
ops:
  - {op: image.set, service: app, tag: "{{ tag }}"}
ensures:
  - {service: app, image: "nginx:{{ tag }}"}
"""


def caches():
    for module in pkgutil.walk_packages(patchkit.__path__, "patchkit."):
        if "__main__" not in module.name:
            for name, value in vars(importlib.import_module(module.name)).items():
                if hasattr(value, "cache_parameters"):
                    yield f"{module.name}.{name}", value


def asked_for_texts(cache) -> bool:
    """Whether what it is asked for can be anything, not only one of Python's types."""
    parameters = inspect.signature(cache.__wrapped__).parameters.values()
    return any(not str(parameter.annotation).startswith("type[") for parameter in parameters)


def test_a_cache_of_texts_has_a_bound():
    found = dict(caches())
    assert "patchkit.edit.yaml.parse.parsed" in found
    unbounded = [name for name, c in found.items() if c.cache_parameters()["maxsize"] is None]
    assert [name for name in unbounded if asked_for_texts(found[name])] == []


def recipe(tag: str) -> RecipeTree:
    compose = f'version: "3.8"\nservices:\n  app:\n    image: nginx:{tag}\n'
    return RecipeTree.from_files({"compose.yml": compose, ".env.sample": "TYPE=app\n"})


def test_one_fix_serves_many_recipes_and_values():
    fix = loads_fix(FIX)
    for tag in ("1.27", "1.28", "1.27"):
        for old in ("latest", "1.20"):
            patch = render(fix, recipe(old), {"tag": tag})
            assert f"+    image: nginx:{tag}\n" in patch.diff()
            assert patch.base.read("compose.yml") == recipe(old).read("compose.yml")
            assert check(fix, patch).passed
        assert render(fix, recipe(tag), {"tag": tag}).verdict == "already fixed"


def test_values_of_other_types_are_other_values():
    fix = loads_fix(FIX)
    texts = [fix.condition("ensures", 0, {"tag": tag}).image for tag in (1, True, 1.0, "1", 1)]
    assert texts == ["nginx:1", "nginx:true", "nginx:1.0", "nginx:1", "nginx:1"]


def test_filled_in_conditions_are_dropped_in_time():
    fix = loads_fix(FIX)
    for number in range(3000):
        assert fix.condition("ensures", 0, {"tag": str(number)}).image == f"nginx:{number}"
    assert len(fix._filled) < 1500


def test_a_template_file_that_changed_is_read_anew(tmp_path):
    file = tmp_path / "a.j2"
    for text in ("one {{ x }}", "two {{ x }}", "one {{ x }}"):
        file.write_text(text)
        assert render_file("a.j2", {"x": "y"}, (tmp_path,)) == text.replace("{{ x }}", "y")


def test_an_included_file_that_changed_is_read_anew(tmp_path):
    (tmp_path / "a.j2").write_text("{% include 'b.j2' %}")
    for text in ("one", "two"):
        (tmp_path / "b.j2").write_text(text)
        assert render_file("a.j2", {}, (tmp_path,)) == text
