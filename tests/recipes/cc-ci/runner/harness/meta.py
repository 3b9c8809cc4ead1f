"""What a recipe says of itself in `tests/<recipe>/recipe_meta.py`."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

TESTS = Path(__file__).parents[2] / "tests"

DEFAULTS: dict[str, Any] = {
    "HEALTH_PATH": "/",
    "HEALTH_OK": (200,),
    "DEPLOY_TIMEOUT": 600,
    "HTTP_TIMEOUT": 60,
    "EXTRA_ENV": {},
    "UPGRADE_EXTRA_ENV": {},
    "UPGRADE_BASE_VERSION": None,
    "READY_PROBE": None,
    "BACKUP_VERIFY": None,
    "SCREENSHOT": True,
    "BACKUP_CAPABLE": True,
    "EXPECTED_NA": (),
    "WARM_CANONICAL": True,
    "DEPS": (),
}


class MetaError(Exception):
    """A `recipe_meta.py` says what the harness does not know."""


@dataclass
class Context:
    """What hooks and tests are told of the run."""

    domain: str
    meta: SimpleNamespace
    op: str = "install"
    deps: dict[str, str] = field(default_factory=dict)

    @property
    def base_url(self) -> str:
        """Where the app answers."""
        return f"https://{self.domain}"


def load(recipe: str) -> SimpleNamespace:
    """Return the settings of a recipe, with a default for each that it does not give.

    Raises:
        MetaError: it gives one that is not known.
    """
    path = TESTS / recipe / "recipe_meta.py"
    said: dict[str, Any] = {}
    if path.exists():
        exec(compile(path.read_text(), path, "exec"), said)
    settings = {name: value for name, value in said.items() if name.isupper()}
    if unknown := sorted(settings.keys() - DEFAULTS.keys()):
        raise MetaError(f"{path}: unknown {', '.join(unknown)}")
    return SimpleNamespace(**DEFAULTS | settings)
