"""How Go prints values: `Sprint`, `Sprintf` (https://pkg.go.dev/fmt), and as literals."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from patchkit.verify.gotemplate.fault import CallFault
from patchkit.verify.gotemplate.values import Struct, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from patchkit.verify.gotemplate.values import Value

MAX_WIDTH = 1000
_VERB = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<width>\d+)?(?P<dot>\.)?(?P<precision>(?<=\.)\d+)?(?P<verb>.?)",
    re.DOTALL,
)
# The verbs that Go knows for a type; those that are not written here are refused.
_KNOWN = {
    "string": "vsqxX",
    "int": "vdboOxXcqU",
    "uint8": "vdboOxXcqU",
    "float64": "vbgGxXfFeE",
    "bool": "tv",
    "nil": "v",
}
_INTEGERS = {"v": "d", "d": "d", "b": "b", "o": "o", "x": "x", "X": "X"}
_ESCAPES = {ord(c): f"\\{e}" for c, e in zip('\a\b\f\n\r\t\v\\"', 'abfnrtv\\"', strict=True)}
_LEAST, _MOST = -4, 6  # exponents of floats that are printed without one
_LAST_BYTE, _LAST_SHORT = 0x7F, 0xFFFF


def sprint(values: Sequence[Value]) -> str:
    """Return values one after the other, a space between two that are no texts."""
    out = ""
    for at, value in enumerate(values):
        texts = isinstance(value, str) or (at > 0 and isinstance(values[at - 1], str))
        out += ("" if at == 0 or texts else " ") + plain(value)
    return out


def sprintln(values: Iterable[Value]) -> str:
    """Return values with spaces between them and a line feed at the end."""
    return " ".join(map(plain, values)) + "\n"


def plain(value: Value) -> str:
    """Return a value as `%v` prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{value[key]}' for key in sorted(value))}]"
    if isinstance(value, Struct):
        if value.is_whole:
            raise CallFault("all that Swarm knows is not printed here; name a field")
        return f"{{{' '.join(map(plain, value.fields.values()))}}}"
    if isinstance(value, float):
        return _shortest(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shortest(value: float) -> str:
    """Return a float in as few digits as tell it apart, from 1e+06 on with an exponent."""
    number = Decimal(repr(value)).normalize()
    exponent = number.adjusted()
    if not value or _LEAST <= exponent < _MOST:
        return format(number, "f")
    mantissa = format(number.scaleb(-exponent), "f")
    return f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02}"


def sprintf(form: str, values: Sequence[Value]) -> str:
    """Return values in a form of `%` verbs.

    Raises:
        CallFault: a verb, a flag or a value is not known here; what Go prints instead of a wrong
            verb is known (`%!d(string=x)`).
    """
    rest = list(values)
    out = _VERB.sub(lambda match: _printed(match, rest), form)
    if rest:
        extra = ", ".join(
            "<nil>" if value is None else f"{_type(value)}={plain(value)}" for value in rest
        )
        out += f"%!(EXTRA {extra})"
    return out


def _printed(match: re.Match[str], rest: list[Value]) -> str:
    verb = match["verb"]
    if verb == "":
        return "%!(NOVERB)"
    if verb == "%":
        return "%"
    if verb in "*[" or "#" in match["flags"]:
        raise CallFault(f"{match[0]!r} is not known here")
    if not rest:
        return f"%!{verb}(MISSING)"
    value = rest.pop(0)
    if verb == "T":
        return _padded(_type(value), match)
    kind = type_of(value)
    if verb not in _KNOWN.get(kind, "v"):
        return _wrong(verb, value)
    return _formatted(verb, value, match)


def _wrong(verb: str, value: Value) -> str:
    if isinstance(value, dict | Struct):
        raise CallFault(f"%{verb} of a {type_of(value)} is not known here")
    return f"%!{verb}({'<nil>' if value is None else f'{_type(value)}={plain(value)}'})"


def _formatted(verb: str, value: Value, match: re.Match[str]) -> str:
    precise = match["dot"] is not None
    if isinstance(value, str):
        return _padded(_text(verb, value, match), match)
    if isinstance(value, float):
        return _number(_float(verb, value, match), match)
    if isinstance(value, int) and not isinstance(value, bool) and not precise:
        return _integer(verb, value, match)
    if precise or set(match["flags"]) - {"-"}:
        raise CallFault(f"{match[0]!r} of {type_of(value)} is not known here")
    return _padded(plain(value), match)


def _text(verb: str, value: str, match: re.Match[str]) -> str:
    if set(match["flags"]) & {"+", " "} or (match["dot"] and verb not in "sv"):
        raise CallFault(f"{match[0]!r} of a text is not known here")
    if verb in "xX":
        digits = value.encode().hex()
        return digits.upper() if verb == "X" else digits
    if match["dot"]:
        value = value[: int(match["precision"] or 0)]
    return quoted(value) if verb == "q" else value


def _integer(verb: str, value: int, match: re.Match[str]) -> str:
    if verb == "c" and 0 <= value < 0xD800:  # noqa: PLR2004  below what is no character
        return _padded(chr(value), match)
    if verb not in _INTEGERS:
        raise CallFault(f"{match[0]!r} of a number is not known here")
    return _number(format(int(value), _INTEGERS[verb]), match)


def _float(verb: str, value: float, match: re.Match[str]) -> str:
    if verb in "vg" and not match["dot"]:
        return plain(value)
    if verb not in "fFeEg":
        raise CallFault(f"{match[0]!r} of a number is not known here")
    if verb == "g":
        raise CallFault(f"{match[0]!r}: %g takes no precision here")
    digits = int(match["precision"] or 0) if match["dot"] else 6
    if digits > MAX_WIDTH:
        raise CallFault(f"{match[0]!r} is too wide")
    return format(value, f".{digits}{verb}")


def _number(digits: str, match: re.Match[str]) -> str:
    flags = match["flags"]
    if not digits.startswith("-") and (sign := next((f for f in "+ " if f in flags), "")):
        digits = sign + digits
    if "0" not in flags or "-" in flags:
        return _padded(digits, match)
    sign = digits[:1] if digits[:1] in "+- " else ""
    return sign + digits[len(sign) :].rjust(_width(match) - len(sign), "0")


def _padded(text: str, match: re.Match[str]) -> str:
    if "-" in match["flags"]:
        return text.ljust(_width(match))
    return text.rjust(_width(match), "0" if "0" in match["flags"] else " ")


def _width(match: re.Match[str]) -> int:
    width = int(match["width"] or 0)
    if width > MAX_WIDTH:
        raise CallFault(f"{match[0]!r} is wider than {MAX_WIDTH}")
    return width


def _type(value: Value) -> str:
    if isinstance(value, Struct):
        raise CallFault("what Go calls the type of a struct is not known here")
    return "<nil>" if value is None else type_of(value)


def quoted(text: str) -> str:
    """Return a text as a literal of Go."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(char: str) -> str:
    code = ord(char)
    if code in _ESCAPES:
        return _ESCAPES[code]
    if char.isprintable():
        return char
    if code <= _LAST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_SHORT else f"\\U{code:08x}"
