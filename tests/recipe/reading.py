"""Compose files as plain data, independent of the package's own reader of YAML."""

from __future__ import annotations

import yaml

from patchkit.edit.scalars import resolve


def read(path):
    """Return the content of a YAML file as Docker reads it."""
    return value_of_text(path.read_text())


def value_of_text(text):
    return value_of(yaml.compose(text))


def value_of(node):
    if isinstance(node, yaml.MappingNode):
        pairs = [(key.value, value_of(value)) for key, value in node.value]
        merged = {k: v for key, source in pairs if key == "<<" for k, v in source.items()}
        return merged | {key: value for key, value in pairs if key != "<<"}
    if isinstance(node, yaml.SequenceNode):
        return [value_of(item) for item in node.value]
    return resolve(node.value) if node.style is None else node.value
