"""Where the samples, the reviewed diffs and the drifted recipes of a repository of fixes lie.

Without settings they are beside the folder of the fixes: `recipes/<recipe>/`,
`snapshots/<fix>/<sample>.diff` and `drift/<fix>/<case>/`, where `<fix>` is `classes/<class>` for
a class.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from patchkit.data import data_dir
from patchkit.errors import UsageError
from patchkit.fixes import CLASSES
from patchkit.settings import table_for


class FixTests(BaseModel):
    """The table `testing.fixes.<fix>` of the settings: what one fix is tried with."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    samples: list[str] | dict[str, dict[str, Any]] | None = Field(
        default=None,
        min_length=1,
        description="The samples' names; the recipe's by default, of a class all of its kind. A"
        " table says with which values of the parameters each is tried.",
    )
    params: dict[str, Any] = Field(default={}, description="Values of the fix's parameters.")

    @property
    def names(self) -> list[str]:
        """The samples that are named."""
        return list(self.samples or ())

    def params_on(self, sample: str) -> dict[str, Any]:
        """Return the values of the parameters for one sample."""
        own = self.samples.get(sample, {}) if isinstance(self.samples, dict) else {}
        return self.params | own


class Tests(BaseModel):
    """The table `testing` of the settings; its folders are relative to the settings' own."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    samples: str = Field(default="recipes", description="The folder with a recipe for each name.")
    snapshots: str = Field(default="snapshots", description="The folder of the reviewed diffs.")
    drift: str = Field(default="drift", description="The folder of recipes that have drifted.")
    fixes: dict[str, FixTests] = Field(default={}, description="By name, what one fix needs.")


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
        folder = folder.parent if folder.name == CLASSES else folder
        tests, path = table_for("testing", Tests, folder)
        return cls(folder.parent if path is None else path.resolve().parent, tests)

    def of_fix(self, name: str) -> FixTests:
        """Return what the settings say of one fix, by its name."""
        return self.tests.fixes.get(name, FixTests())

    def samples(self) -> list[str]:
        """Return the names of the repository's own samples, of the bundled ones if it has none."""
        own, bundled = self.root / self.tests.samples, data_dir("recipes")
        return _folders(own) or _folders(bundled)

    def sample(self, name: str) -> Path:
        """Return the folder of a sample: the repository's own, else the one that is bundled.

        Raises:
            UsageError: there is none.
        """
        found = self.own(name) or _sample(data_dir("recipes"), name)
        if found is not None:
            return found
        raise UsageError(
            f"there is no sample {name} to try the fix on",
            hint="put a recipe that has the defect into "
            + shown(self.root / self.tests.samples / name),
        )

    def own(self, name: str) -> Path | None:
        """Return the folder of the repository's own sample, None where it has none."""
        return _sample(self.root / self.tests.samples, name)

    def snapshot(self, name: str, sample: str) -> Path:
        """Return the file of a reviewed diff."""
        return self.snapshots(name) / f"{sample}.diff"

    def snapshots(self, name: str) -> Path:
        """Return the folder of a fix's reviewed diffs."""
        return self.root / self.tests.snapshots / name

    def drifted(self, name: str) -> list[Path]:
        """Return the folders with what differs from the sample in a recipe that has drifted."""
        home = self.root / self.tests.drift / name
        return [home / case for case in _folders(home)]


def _sample(home: Path, name: str) -> Path | None:
    folder = home / name
    return folder if folder.is_dir() and folder.resolve().parent == home.resolve() else None


def _folders(home: Path) -> list[str]:
    return sorted(path.name for path in home.iterdir() if path.is_dir()) if home.is_dir() else []


def shown(path: Path) -> str:
    """Return a path as short as it can be told: from the current folder, where it is below."""
    here = Path.cwd().resolve()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
