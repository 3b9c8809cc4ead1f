"""Counts what `patchkit pr` and `status` ask of a forge, by the state of a fix.

    python tests/bench_requests.py             # Gitea
    python tests/bench_requests.py --github    # GitHub, without bytes

The forge is on loopback: real git over HTTP, and a stand-in for the API: Gitea's is of these tests,
GitHub's is npm's emulate, held against GitHub's description. Every request is counted. The mirror
of gitea has 20 commits. The figures are multiplied in docs/pages/scale.md.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / room) for room in ("cli", "publish", "forge", "git")]

import fetched  # noqa: E402  they stand in folders that are no packages
import github_standin as standin  # noqa: E402
from cli_tools import git  # noqa: E402
from github_description import Description  # noqa: E402
from http_server import GitServer  # noqa: E402
from lifecycle import synced, upstreamed  # noqa: E402
from repos import Origin  # noqa: E402
from test_github import Hub  # noqa: E402
from world import SAMPLES, TOKEN, Gate, World  # noqa: E402

from patchkit.cli.boundary import run  # noqa: E402
from patchkit.forge.github_http import GitHubRequester  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Reply, Request

COMMITS = 20


class Seen(NamedTuple):
    """One request: `kind` is git, read or write (of the API); bytes of both bodies."""

    kind: str
    sent: int
    received: int


@dataclass
class Meter(Gate):
    """A proxy that keeps count."""

    seen: list[Seen] = field(default_factory=list)

    def answer(self, request: Request) -> Reply | None:
        reply = super().answer(request)
        kind = "read" if request.method in {"GET", "HEAD"} else "write"
        kind = kind if request.path.startswith("/api/") else "git"
        self.seen.append(Seen(kind, len(request.body), len(reply.body) if reply else 0))
        return reply


def main() -> None:
    """Print a line a state."""
    with TemporaryDirectory(prefix="patchkit-requests-") as root:
        program = fetched.emulate() if "--github" in sys.argv else None
        described = (fetched.openapi(), fetched.graphql_schema()) if program else ()
        _settle(Path(root))
        if program:
            with standin.running(program, Path(root)) as emulate:
                _tell_of_github(emulate, Path(root), Description(*described))
            return
        world = World(Path(root) / "srv")
        world.proxy = Meter()
        with world:
            _tell(world, Path(root))


def _settle(root: Path) -> None:
    """Make a home and a folder without anything of the user's, and go there."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "PATCHKIT_"))]:
        del os.environ[name]
    os.environ.update(
        HOME=str(root),
        XDG_CONFIG_HOME=str(root / "config"),
        GIT_CONFIG_NOSYSTEM="1",
        PATCHKIT_CACHE=str(root / "cache"),
        PATCHKIT_TOKEN=TOKEN,
    )
    (root / "here").mkdir()
    os.chdir(root / "here")


def _tell(world: World, root: Path) -> None:
    origin = world.add("gitea")
    for day in range(1, COMMITS):
        origin.commit({"NOTES": f"Day {day}.\n"})
    settings = f'mirror = "{world.url()}"\nforge = "gitea"\nauthor = "Bot <bot@example.com>"\n'
    Path("patchkit.toml").write_text(settings)
    print(f"{'':36}{'API reads':>10}{'API writes':>11}{'git':>5}{'sent':>9}{'received':>10}")
    _row(world, "create, with the first fetch", _pr)
    _row(world, "nothing to do", _pr)
    _row(world, "status", lambda: _run("status", "gitea"))
    synced(world)
    _row(world, "update: the mirror was force-synced", _pr)
    upstreamed(world)
    _row(world, "close: upstream has the change", _pr)
    clone = next((root / "cache" / "mirrors").glob("*.git"))
    size = sum(file.stat().st_blocks * 512 for file in clone.rglob("*"))
    print(f"the clone in the cache: {size / 1024:.0f} KB on disk, {COMMITS} commits and one more")


def _tell_of_github(emulate: standin.Emulate, root: Path, description: Description) -> None:
    GitHubRequester._pause = lambda self: None  # nobody is to be spared
    os.environ["PATCHKIT_TOKEN"] = standin.TOKEN
    name, owner = emulate.repository(), root / "srv" / standin.ORG
    owner.mkdir(parents=True)
    files = {p.name: p.read_text() for p in (SAMPLES / "gitea").iterdir() if p.is_file()}
    origin = Origin(owner, f"{name}.git", files)
    for day in range(1, COMMITS):
        origin.commit({"NOTES": f"Day {day}.\n"})
    rights = {standin.TOKEN: {f"{standin.ORG}/{name}.git": "write"}}
    with (
        GitServer(root / "srv", tokens=rights, anonymous="none") as server,
        standin.Door(emulate=emulate, check=description.check) as door,
    ):
        Hub(door, server, origin, name)
        settings = f'mirror = "{server.url(f"{standin.ORG}/{name}.git")}"\napi = "{door.url}"\n'
        settings += 'forge = "github"\nauthor = "Bot <bot@example.com>"\n'
        Path("patchkit.toml").write_text(settings)
        _github_rows(door, server, origin, files)


def _github_rows(
    door: standin.Door, server: GitServer, origin: Origin, files: dict[str, str]
) -> None:
    def row(name: str, work: Callable[[], int]) -> None:
        door.requests.clear()
        server.requests.clear()
        code = work()
        reads = sum(one.method == "GET" for one in door.requests)
        counts = f"{reads:10}{len(door.requests) - reads:11}{len(server.requests):5}"
        print(f"{name:36}{counts}" + (f"  exit {code}" * bool(code)))

    print(f"{'':36}{'API reads':>10}{'API writes':>11}{'git':>5}")
    row("create, with the first fetch", _pr)
    row("nothing to do", _pr)
    row("status", lambda: _run("status", "gitea"))
    origin.force_sync(files | {"README.md": files["README.md"] + "\nMore.\n"})
    row("update: the mirror was force-synced", _pr)
    git(origin.bare, "update-ref", "refs/heads/main", "refs/heads/patchkit/gitea")
    row("close: upstream has the change", _pr)


def _pr() -> int:
    return _run("pr", "--no-verify", "--recipe", "gitea")


def _run(*arguments: str) -> int:
    """Run a command without what it says."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = StringIO(), StringIO()
    try:
        return int(run(list(arguments)))
    finally:
        sys.stdout, sys.stderr, told = out, err, sys.stderr.getvalue()
        if "Traceback" in told:
            print(told)


def _row(world: World, name: str, work: Callable[[], int]) -> None:
    meter = world.proxy
    assert isinstance(meter, Meter)
    meter.seen.clear()
    code = work()
    kinds = [seen.kind for seen in meter.seen]
    sent = sum(seen.sent for seen in meter.seen) / 1024
    received = sum(seen.received for seen in meter.seen) / 1024
    counts = f"{kinds.count('read'):10}{kinds.count('write'):11}{kinds.count('git'):5}"
    print(f"{name:36}{counts}{sent:6.1f} KB{received:7.1f} KB" + (f"  exit {code}" * bool(code)))


if __name__ == "__main__":
    main()
