"""The Jinja2 environment of fix specs: a sandbox whose values cannot grow without bound.

A spec may come from somebody else. It reaches no file, no clock, no chance and no Python
object behind a value, and no expression gives more than `MAX_SIZE` characters, items or bits.
How long it runs is not bounded. https://jinja.palletsprojects.com/en/stable/sandbox/
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache, StrictUndefined, TemplateError, TemplateRuntimeError, Undefined
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment, safe_range
from jinja2.tests import TESTS as JINJA_TESTS
from jinja2.utils import Namespace

from patchkit.edit.yaml.values import FlowList, scalar_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType

    from jinja2 import BaseLoader, nodes
    from jinja2.bccache import Bucket
    from jinja2.runtime import Context

MAX_SIZE = 1024 * 1024
MAX_VALUES = 100_000
_INT_BITS = 64
_MAX_COMPILED = 128  # template files

# What a template can raise, in reading, compiling and running it.
FAILURES = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)

# Methods whose result is no larger than what they are called on.
_STR_METHODS = frozenset(
    (
        "capitalize",
        "count",
        "endswith",
        "find",
        "isdigit",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "title",
        "upper",
    )
)
_SEQUENCE_METHODS = frozenset(("count", "index"))
_METHODS: dict[type, frozenset[str]] = {
    str: _STR_METHODS,
    dict: frozenset(("get", "items", "keys", "values")),
    list: _SEQUENCE_METHODS,
    tuple: _SEQUENCE_METHODS,
    int: frozenset(),
    float: frozenset(),
    type(None): frozenset(),
}


def as_text(value: Any) -> str:
    """Return what a value looks like inside text: `true`, `0555`; only scalars do.

    Raises:
        TemplateRuntimeError: it is undefined, nothing, a list or an object of the template.
    """
    if isinstance(value, (str, Undefined)):
        return _encodable(str(value))
    if value is None:
        raise TemplateRuntimeError("nothing was found or given for a value that stands in text")
    if isinstance(value, (bool, int, float)):
        return scalar_text(value)
    raise TemplateRuntimeError("only text, numbers and true or false can stand in text")


def joined(parts: Iterable[Any]) -> str:
    """Return the parts as one text, refusing while it grows beyond `MAX_SIZE`."""
    texts: list[str] = []
    size = 0
    for part in parts:
        texts.append(as_text(part))
        size += len(texts[-1])
        _check_size(size)
    return "".join(texts)


def plain(value: Any) -> Any:
    """Return the result of an expression as plain data; generators become lists.

    Raises:
        TemplateRuntimeError: it is undefined, too large, or no data.
    """
    return _Plain().of(value)


class _Plain:
    """Counts what it has seen: a list of itself twice, forty times over, is small in memory."""

    def __init__(self) -> None:
        self._seen = 0

    def of(self, value: Any) -> Any:
        self._seen += 1
        if self._seen > MAX_VALUES:
            raise SecurityError(f"the result holds more than {MAX_VALUES:,} values")
        if isinstance(value, str):
            return _encodable(value)
        if isinstance(value, int) and value.bit_length() > _INT_BITS:
            raise TemplateRuntimeError("the template gives a number of more than 64 bits")
        if value is None or isinstance(value, (int, float)):
            return value
        if isinstance(value, dict):
            return {self.of(key): self.of(item) for key, item in value.items()}
        if isinstance(value, Undefined):
            return as_text(value)
        if callable(value) or not hasattr(value, "__iter__"):
            raise TemplateRuntimeError("the template gives no value; are () missing?")
        items = [self.of(item) for item in value]
        return FlowList(items) if isinstance(value, FlowList) else items


def _encodable(text: str) -> str:
    text.encode()  # raises UnicodeEncodeError for half a surrogate pair
    return text


def _check_size(size: int) -> None:
    if size > MAX_SIZE:
        raise SecurityError(f"the result is larger than {MAX_SIZE:,}")


def _extent(value: Any) -> int:
    if isinstance(value, int):
        return value.bit_length()
    return len(value) if isinstance(value, (str, list, tuple, dict)) else 0


def _result_extent(operator: str, left: Any, right: Any) -> int:
    if operator == "**":
        whole = isinstance(left, int) and isinstance(right, int)
        return _extent(left) * right if whole else 0
    if operator == "*" and isinstance(left, int) != isinstance(right, int):
        times, thing = (left, right) if isinstance(left, int) else (right, left)
        return _extent(thing) * times
    return _extent(left) + _extent(right)


def _join(parts: Iterable[Any], separator: str = "") -> str:
    def pieces() -> Iterator[Any]:
        for i, part in enumerate(parts):
            yield from (separator, part) if i else (part,)

    return joined(pieces())


def _on_text(method: Callable[..., str]) -> Callable[..., str]:
    return lambda value, *args: method(as_text(value), *args)


def _replace(text: str, old: str, new: str) -> str:
    _check_size(len(text) + text.count(old) * len(new))
    return str.replace(text, old, new)


def _indent(text: str, width: int = 4, first: bool = False) -> str:
    _check_size(len(text) + (text.count("\n") + 1) * width)
    start = 0 if first else text.find("\n") + 1 or len(text)
    return text[:start] + re.sub(r"(?m)^(?=[^\n])", " " * width, text[start:])


_JINJA_KEPT = (
    "default",
    "dictsort",
    "first",
    "items",
    "last",
    "length",
    "list",
    "map",
    "max",
    "min",
    "reject",
    "rejectattr",
    "reverse",
    "round",
    "select",
    "selectattr",
    "sort",
    "unique",
)
FILTERS: dict[str, Callable[..., Any]] = {
    **{name: JINJA_FILTERS[name] for name in _JINJA_KEPT},
    **{name: _on_text(getattr(str, name)) for name in ("capitalize", "lower", "title", "upper")},
    "abs": abs,
    "float": float,
    "indent": _on_text(_indent),
    "int": int,
    "join": _join,
    "replace": _on_text(_replace),
    "shell_quote": _on_text(shlex.quote),
    "string": as_text,
    "trim": _on_text(str.strip),
}
TESTS = dict(JINJA_TESTS)
GLOBALS: dict[str, Any] = {"range": safe_range, "namespace": Namespace}


class _Code(CodeGenerator):
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  Jinja's name
        """Join with `~` by the environment's own function: Jinja's knows no bound."""
        self.write("environment.concat((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class _Compiled(BytecodeCache):
    """The code of template files by name and text, which is all that it depends on."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self._codes) >= _MAX_COMPILED:
            self._codes.clear()
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _Compiled()


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with bounds; see the module."""

    code_generator_class = _Code
    concat = staticmethod(joined)
    intercepted_binops = frozenset(("+", "*", "**", "%"))

    def __init__(self, loader: BaseLoader | None = None) -> None:
        """Make it; without a loader a template includes nothing."""
        super().__init__(
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            finalize=as_text,
            loader=loader,
            bytecode_cache=_COMPILED,
        )
        self.filters = FILTERS
        self.globals = dict(GLOBALS)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Refuse before it is done what would be too large."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("text is joined by ~, not formatted by %")
        _check_size(_result_extent(operator, left, right))
        return super().call_binop(context, operator, left, right)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow on plain data only the methods that cannot grow it."""
        for kind, names in _METHODS.items():
            if isinstance(obj, kind):
                return attr in names
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Leave `str.format` to `is_safe_attribute`, which refuses it: a width is unbounded."""
