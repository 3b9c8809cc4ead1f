"""What a plain YAML scalar means to Docker, and which strings plain style cannot hold.

The same text means different things to different readers. `resolve` reads as Docker does
(go-yaml 3); `needs_quotes` is careful for every reader that a compose file meets: YAML 1.1
(PyYAML), the YAML 1.2 core schema, and Docker. https://yaml.org/spec/1.2.2/#103-core-schema
"""

from __future__ import annotations

import math
import re

_WORDS: dict[str, bool | float | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NUMBER_START = frozenset("+-0123456789")
_OTHER_START = _NUMBER_START | {word[0] for word in _WORDS if word}

# The number of the group that matched tells the base.
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))")
_BASES = {2: 16, 3: 8, 4: 2, 5: 10}
_MOST_DIGITS = 64
_MISPLACED_SIGN = re.compile(r"^(0[bo])([-+])")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_FRACTION = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")

# What YAML 1.1 readers (and 1.2, for numbers too large for Docker) take for a non-string.
_YAML_1_1_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
_YAML_1_1 = re.compile(
    r"<<|="
    r"|[-+]?0x[0-9a-fA-F_]+|[-+]?0b[01_]+|[-+]?[0-9][0-9_]*"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[-+]?(?:\.[0-9][0-9_]*|[0-9][0-9_]*\.?[0-9_]*)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|nan)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?",
    re.IGNORECASE,
)

_BAD_START = re.compile(r"""[,\[\]{}#&*!|>'"%@`?:]|-(?:\s|$)|---|\.\.\.""")
_BAD_INSIDE = re.compile(r":(?:\s|$)|\s#")
# A colon and a question mark end a plain scalar of a flow collection for some readers.
_BAD_IN_FLOW = re.compile(r"[,\[\]{}?]")


def resolve(text: str) -> str | int | float | bool | None:
    """Return what Docker takes the plain scalar `text` for.

    Dates give their text: Docker makes a time of them, which no compose field takes.
    """
    # Most scalars are names: their first character tells that they are.
    if text and text[0] not in _OTHER_START:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return _float(text, text.replace("_", "")) if _FRACTION.fullmatch(text) else text
    if text[0] not in _NUMBER_START:
        return text
    plain = text.replace("_", "")
    number = _integer(plain)
    if number is None and _FLOAT.fullmatch(plain):
        return _float(text, plain)
    return text if number is None else number


def needs_quotes(text: str, *, flow: bool = False) -> bool:
    """Return whether the string `text` must be quoted to stay that string.

    Args:
        text: the string as data.
        flow: whether it is to stand inside `[...]` or `{...}`.

    Returns:
        True if a reader could take the plain text for a number, a boolean, null, a date or a
        merge key, or if plain style cannot hold it.
    """
    return _is_other_type(text) or _breaks_plain_style(text, flow=flow)


def _integer(plain: str) -> int | None:
    """Return the integer of 64 bits that `plain`, without underscores, stands for."""
    # go-yaml hands what follows 0b and 0o to a parser that takes a sign there.
    match = _INTEGER.fullmatch(_MISPLACED_SIGN.sub(r"\2\1", plain))
    if not match or not match.lastindex:
        return None
    sign, digits = match[1], match[match.lastindex].lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return None
    number = int(sign + digits, _BASES[match.lastindex])
    return number if -(2**63) <= number < (2**63 if sign else 2**64) else None


def _float(text: str, plain: str) -> float | str:
    """Return the float that `plain` spells, or `text` itself when it is too large for one."""
    number = float(plain)
    return text if math.isinf(number) else number


def _is_other_type(text: str) -> bool:
    return (
        not isinstance(resolve(text), str)
        or text.lower() in _YAML_1_1_WORDS
        or _YAML_1_1.fullmatch(text) is not None
    )


def _breaks_plain_style(text: str, *, flow: bool) -> bool:
    return (
        text != text.strip()
        or not text.isprintable()
        or _BAD_START.match(text) is not None
        or _BAD_INSIDE.search(text) is not None
        or (flow and _BAD_IN_FLOW.search(text) is not None)
    )
