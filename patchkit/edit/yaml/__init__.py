"""Lossless edits of YAML: spans from a real parser's events, splices, and a check afterwards."""

from patchkit.edit.yaml.data import to_data
from patchkit.edit.yaml.editor import OnAlias, YamlEditor
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Path, Scalar, Sequence
from patchkit.edit.yaml.parse import Document, parse, parsed
from patchkit.edit.yaml.values import FlowDict, FlowList, StyledStr, styled

__all__ = [
    "Alias",
    "Document",
    "FlowDict",
    "FlowList",
    "Mapping",
    "Node",
    "OnAlias",
    "Path",
    "Scalar",
    "Sequence",
    "StyledStr",
    "YamlEditor",
    "parse",
    "parsed",
    "styled",
    "to_data",
]
