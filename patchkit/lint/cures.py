"""Which classes of fixes cure the findings of a rule: what their specs say under `cures:`.

Only that one key is read, so that lint waits for nothing that a whole spec needs, and a class that
is wrong is told where it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from patchkit.data import data_dir

_CLASSES = "classes"
_MAX_BYTES = 256 * 1024  # of a spec
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def cures() -> dict[str, tuple[str, ...]]:
    """Return the classes that cure a rule's findings, by the rule's name or abra's number.

    They are those of ./fixes, and those that patchkit ships and ./fixes has none for.
    """
    homes = (data_dir("fixes"), Path("fixes"))
    files = {path.stem: path for home in homes for path in (home / _CLASSES).glob("*.yml")}
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(files):
        for rule in _cured(files[name]):
            found[rule] = (*found.get(rule, ()), f"{_CLASSES}/{name}")
    return found


def _cured(file: Path) -> list[str]:
    try:
        text = file.read_bytes() if file.stat().st_size <= _MAX_BYTES else b""
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506  a safe loader
    except (yaml.YAMLError, OSError, ValueError, RecursionError):
        return []
    listed = data.get("cures") if isinstance(data, dict) else None
    return [rule for rule in listed if isinstance(rule, str)] if isinstance(listed, list) else []
