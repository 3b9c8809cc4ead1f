"""Python files, edited by name and structure: nothing but what is meant changes.

Strings, comments and layout are no part of a match; what an edit leaves stays byte for byte.
"""

from __future__ import annotations

from patchkit.ops.python.add import ADD
from patchkit.ops.python.argument import ARGUMENT
from patchkit.ops.python.assign import ASSIGN
from patchkit.ops.python.imports import IMPORT
from patchkit.ops.python.insert import INSERT
from patchkit.ops.python.replace import REPLACE

OPS = {
    "assign": ASSIGN,
    "insert": INSERT,
    "replace": REPLACE,
    "argument": ARGUMENT,
    "import": IMPORT,
    "add": ADD,
}
