"""What is Python and what is not, by Python's own parser; quick to import."""

from __future__ import annotations

import ast
import textwrap
import warnings

_MAX_CHAIN = 500
# What the parser raises for a text that is no program, or too deep for it.
NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)


def parse(text: str) -> ast.Module:
    """Return Python's reading of a text, without its warnings about odd escapes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def compiled(tree: ast.Module) -> None:
    """Raise SyntaxError for what parses and is yet no program, such as a lone `return`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(tree, "<file>", "exec", dont_inherit=True)


def refuse_long_chains(tree: ast.Module) -> None:
    """Raise RecursionError for what LibCST's parser nests without a bound, and Python's does not.

    A chain of `and` or of dots in an import that is thousands long overflows its stack, which
    ends the process.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.BoolOp):
            length = len(node.values)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names] + [getattr(node, "module", "") or ""]
            length = max(name.count(".") for name in names)
        else:
            continue
        if length > _MAX_CHAIN:
            raise RecursionError


def is_expression(text: str) -> bool:
    """Whether a text is one expression as it stands."""
    try:
        body = parse(text).body
    except NO_PYTHON:
        return False
    return len(body) == 1 and isinstance(body[0], ast.Expr)


def expression_fault(text: str) -> str:
    """Return why a text is no expression, not even in brackets; nothing if it is one."""
    bare = dedented(text)
    if is_expression(bare):
        return ""
    try:
        parse(f"(\n{bare}\n)")
        parse(f"[\n{bare}\n]")  # else `a), (b` would do
    except NO_PYTHON as error:
        return fault(error)
    return "" if bare else "it is empty"


def statements_fault(text: str) -> str:
    """Return why a text is no Python code; nothing if it is."""
    try:
        body = parse(dedented(text)).body
    except NO_PYTHON as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) else ""
        return fault(error) + line
    return "" if body else "there is no statement"


def import_fault(text: str) -> str:
    """Return why a text is no import statement; nothing if it is one."""
    try:
        body = parse(dedented(text)).body
    except NO_PYTHON as error:
        return fault(error)
    is_import = len(body) == 1 and isinstance(body[0], (ast.Import, ast.ImportFrom))
    return "" if is_import else "write `import x as y` or `from x import y`"


def fault(error: BaseException) -> str:
    """Return what the parser has against a text."""
    if isinstance(error, SyntaxError):
        return error.msg
    return str(error) if isinstance(error, ValueError) else "it is nested too deeply"


def dedented(text: str) -> str:
    """Return code without common indentation and blank lines around, with plain line ends."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    bare = "\n".join(lines)
    # What is not indented is left alone: dedent would strip blank lines inside strings.
    return textwrap.dedent(bare) if bare[:1] in {" ", "\t"} else bare
