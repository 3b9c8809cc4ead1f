"""Where the samples, the reviewed diffs and the drifted recipes of a repository of fixes lie.

Without settings they are beside the folder of the fixes: `recipes/<recipe>/`,
`snapshots/<fix>/<sample>.diff` and `drift/<fix>/<case>/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from patchkit.data import data_dir
from patchkit.errors import UsageError
from patchkit.settings import table_for


class FixTests(BaseModel):
    """The table `testing.fixes.<id>` of the settings: what one fix is tried with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    samples: list[str] | None = Field(
        default=None, min_length=1, description="The samples' names; the recipe's by default."
    )
    params: dict[str, Any] = Field(default={}, description="Values of the fix's parameters.")


class Tests(BaseModel):
    """The table `testing` of the settings; its folders are relative to the settings' own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    samples: str = Field(default="recipes", description="The folder with a recipe for each name.")
    snapshots: str = Field(default="snapshots", description="The folder of the reviewed diffs.")
    drift: str = Field(default="drift", description="The folder of recipes that have drifted.")
    fixes: dict[str, FixTests] = Field(default={}, description="By id, what one fix needs.")


@dataclass(frozen=True)
class Layout:
    """Where things lie for the fixes of one folder.

    Attributes:
        root: what the folders of the settings are relative to.
        tests: the settings.
    """

    root: Path
    tests: Tests

    @classmethod
    def of(cls, spec: Path) -> Layout:
        """Return the layout that holds for a spec file.

        Raises:
            SettingsError: the settings are wrong; every problem of them, with its place.
        """
        folder = spec.resolve().parent
        tests, path = table_for("testing", Tests, folder)
        return cls(folder.parent if path is None else path.resolve().parent, tests)

    def of_fix(self, fix_id: str) -> FixTests:
        """Return what the settings say of one fix."""
        return self.tests.fixes.get(fix_id, FixTests())

    def sample(self, name: str) -> Path:
        """Return the folder of a sample: the repository's own, else the one that is bundled.

        Raises:
            UsageError: there is none, or a class has none named.
        """
        if not name:
            raise UsageError(
                "no sample is named to try the class on",
                hint="name recipes of its kind in patchkit.toml: testing.fixes.<class>.samples",
            )
        own = self.root / self.tests.samples
        for home in (own, data_dir("recipes")):
            if (home / name).is_dir() and (home / name).resolve().parent == home.resolve():
                return home / name
        raise UsageError(
            f"there is no sample {name} to try the fix on",
            hint=f"put a recipe that has the defect into {shown(own / name)}",
        )

    def snapshot(self, fix_id: str, sample: str) -> Path:
        """Return the file of a reviewed diff."""
        return self.snapshots(fix_id) / f"{sample}.diff"

    def snapshots(self, fix_id: str) -> Path:
        """Return the folder of a fix's reviewed diffs."""
        return self.root / self.tests.snapshots / fix_id

    def drifted(self, fix_id: str) -> list[Path]:
        """Return the folders with what differs from the sample in a recipe that has drifted."""
        home = self.root / self.tests.drift / fix_id
        return sorted(path for path in home.iterdir() if path.is_dir()) if home.is_dir() else []


def shown(path: Path) -> str:
    """Return a path as short as it can be told: from the current folder, where it is below."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
