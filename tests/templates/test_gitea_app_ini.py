"""The step that writes Gitea's app.ini, run in every shell and awk that it may meet.

The saved files below are what Gitea's own library for ini files writes.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchkit.spec.templates import render_file

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES = Path(__file__).parents[2] / "templates"
GITEA = 1000  # the user of the rootless image

SHELLS = {
    "dash": ("/bin/sh", "", ""),
    "dash, strict": ("/bin/sh", "", "set -eu"),
    "bash": ("/bin/bash", "", ""),
    "bash, strict": ("/bin/bash", "", "set -euo pipefail"),
    "busybox": ("busybox", " sh", ""),
    "busybox, strict": ("busybox", " sh", "set -eu"),
}

CONFIG = """\
; written by the operator
APP_NAME = Our forge
RUN_MODE: prod

[server]
ROOT_URL = https://git.example.com/
LFS_START_SERVER = true

[database]
PASSWD = `p#a;s=s%`

[security]
INSTALL_LOCK = true
INTERNAL_TOKEN =

[oauth2]
ENABLED = true
"""

# After its first start: Gitea made three secrets and wrote its own form of the file.
SAVED = """\
; written by the operator
APP_NAME = Our forge
RUN_MODE = prod

[server]
ROOT_URL = https://git.example.com/
LFS_START_SERVER = true
LFS_JWT_SECRET = lF5-_/+%d=\\n"q'

[database]
PASSWD = `p#a;s=s%`

[security]
INSTALL_LOCK = true
INTERNAL_TOKEN = eyJhbGciOiJIUzI1NiJ9.e30.x_y-z

[oauth2]
ENABLED = true
JWT_SECRET = `a#b;c\\%d=/+"$HOME&`
"""

MERGED = """\
; written by the operator
APP_NAME = Our forge
RUN_MODE: prod

[server]
LFS_JWT_SECRET = lF5-_/+%d=\\n"q'
ROOT_URL = https://git.example.com/
LFS_START_SERVER = true

[database]
PASSWD = `p#a;s=s%`

[security]
INTERNAL_TOKEN = eyJhbGciOiJIUzI1NiJ9.e30.x_y-z
INSTALL_LOCK = true

[oauth2]
JWT_SECRET = `a#b;c\\%d=/+"$HOME&`
ENABLED = true
"""


class Container:
    """The folders of a container, and the setup script that it starts with."""

    def __init__(self, root: Path, kind: str) -> None:
        self.config = root / "gitea's config" / "app.ini"
        self.target = root / "etc" / "app.ini"
        self.config.parent.mkdir()
        self.target.parent.mkdir()
        self.as_user: dict[str, Any] = {}
        if os.getuid() == 0:
            self.as_user = {"user": GITEA, "group": GITEA, "extra_groups": []}
            os.chown(self.target.parent, GITEA, GITEA)
        self.path = os.environ["PATH"]
        program, argument, options = SHELLS[kind]
        if program == "busybox":
            self.path = str(busybox_tools(root / "tools"))
            program = f"{self.path}/busybox"
        self.setup = root / "docker-setup.sh"
        self.setup.write_text(
            f"#!{program}{argument}\n{options}\n{rendered(self.config, self.target)}echo set up\n"
        )
        self.setup.chmod(0o555)

    def mount(self, text: str) -> None:
        """Put a config there as Swarm does: read-only, owned by root, readable by all."""
        self.config.parent.chmod(0o755)
        self.config.unlink(missing_ok=True)
        self.config.write_text(text, newline="")
        self.config.chmod(0o444)
        self.config.parent.chmod(0o555)

    def save(self, text: str) -> None:
        """Write app.ini as Gitea does, as its own user."""
        self.run("/bin/sh", "-c", 'cat >"$0"', str(self.target), text=text)

    def run(self, *command: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=text,
            env={"PATH": self.path},
            capture_output=True,
            encoding="utf-8",
            timeout=30,
            check=False,
            **self.as_user,
        )

    def start(self) -> str:
        """Run the setup script and return the app.ini that it leaves."""
        done = self.run(str(self.setup))
        assert (done.returncode, done.stdout, done.stderr) == (0, "set up\n", "")
        assert stat.S_IMODE(self.target.stat().st_mode) == 0o600
        assert self.target.stat().st_uid == self.as_user.get("user", os.getuid())
        assert [path.name for path in self.target.parent.iterdir()] == ["app.ini"]
        return self.target.read_bytes().decode()


def rendered(config: Path, target: Path) -> str:
    values = {"source": str(config), "target": str(target)}
    return render_file("gitea_app_ini.sh.j2", values, [TEMPLATES])


def busybox_tools(folder: Path) -> Path:
    """Make a folder that holds busybox under the names of its tools, and nothing else."""
    busybox = shutil.which("busybox")
    if not busybox:
        needed = "the step for Gitea's image is tested with Alpine's tools: apt-get install busybox"
        pytest.fail(needed) if os.environ.get("CI") else pytest.skip(needed)
    folder.mkdir()
    for tool in ("awk", "busybox", "cat", "mv", "rm"):
        (folder / tool).symlink_to(str(busybox))
    return folder


@pytest.fixture
def root() -> Iterator[Path]:
    """A scratch folder that other users may enter, which pytest's own they may not."""
    folder = Path(tempfile.mkdtemp(prefix="gitea-"))
    folder.chmod(0o755)
    yield folder
    for inner in folder.iterdir():
        if inner.is_dir():
            inner.chmod(0o755)
    shutil.rmtree(folder)


@pytest.fixture(params=SHELLS)
def container(request: pytest.FixtureRequest, root: Path) -> Container:
    return Container(root, request.param)


@pytest.fixture
def one(root: Path) -> Container:
    """One container, with the shell and the awk of the real image."""
    return Container(root, "busybox")


def test_the_step_is_clean_posix_shell() -> None:
    text = rendered(Path("/etc/gitea config/it's.ini"), Path("/etc/gitea/app.ini"))
    assert not [mark for mark in ("{{", "}}", "{%", "%}", "{#") if mark in text]
    judged = subprocess.run(
        ["shellcheck", "-s", "sh", "-"], input=text, capture_output=True, text=True, check=False
    )
    assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")


def test_the_default_target_is_the_images() -> None:
    text = render_file("gitea_app_ini.sh.j2", {"source": "/app.ini"}, [TEMPLATES])
    assert "  config=/app.ini\n  target=/etc/gitea/app.ini\n" in text


# What stays as the operator wrote it.


def test_the_first_start_copies_the_config(container: Container) -> None:
    container.mount(CONFIG)
    assert container.start() == CONFIG
    assert container.start() == CONFIG


def test_the_place_where_a_config_was_mounted_is_taken_over(container: Container) -> None:
    # Docker leaves an empty file of root's in the volume.
    container.target.touch(mode=0o400)
    container.mount(CONFIG)
    assert container.start() == CONFIG


def test_secrets_that_the_config_gives_win(container: Container) -> None:
    given = (
        "[oauth2]\nJWT_SECRET=of-the-operator\n[server]\n  LFS_JWT_SECRET : own\n"
        '[security]\n"INTERNAL_TOKEN" = "mine"\n'
    )
    container.mount(given)
    container.save(SAVED)
    assert container.start() == given


def test_secrets_that_the_config_takes_from_a_file_win(container: Container) -> None:
    given = (
        "[oauth2]\nJWT_SECRET_URI = file:/run/secrets/jwt\n[server]\n"
        "LFS_JWT_SECRET_URI = file:/run/secrets/lfs\n[security]\nINTERNAL_TOKEN =\n"
        "INTERNAL_TOKEN_URI = file:/run/secrets/token\n"
    )
    container.mount(given)
    container.save(SAVED)
    assert container.start() == given


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param("", id="nothing"),
        pytest.param("[oauth2]\nJWT_SECRET =\n[server]\nLFS_JWT_SECRET = ``\n", id="empty values"),
        pytest.param("[oauth2]\n; JWT_SECRET = old\n#JWT_SECRET = older\n", id="a comment"),
        pytest.param("JWT_SECRET = x\n[oauth2.sub]\nJWT_SECRET = x\n", id="another section"),
        pytest.param("[oauth2]\nMY_JWT_SECRET = x\njwt_secret = x\n", id="another key"),
        pytest.param("[x]\nY = `a\n[oauth2]\nJWT_SECRET = x\n`\n", id="inside a text"),
        pytest.param('[x]\nY = """a\n[oauth2]\nJWT_SECRET = x\n"""\n', id="inside quotes"),
        # The step after this one put the URI there from the environment.
        pytest.param("[oauth2]\nJWT_SECRET_URI = file:/x\nJWT_SECRET = x\n", id="beside its URI"),
    ],
)
def test_what_is_no_saved_secret_is_not_kept(one: Container, saved: str) -> None:
    one.mount(CONFIG)
    one.save(saved)
    assert one.start() == CONFIG


# What Gitea saved.


def test_what_gitea_saved_survives_every_start(container: Container) -> None:
    container.mount(CONFIG)
    container.start()
    container.save(SAVED)
    assert container.start() == MERGED
    assert container.start() == MERGED


def test_a_new_config_wins_and_the_secrets_stay(container: Container) -> None:
    container.mount(CONFIG)
    container.start()
    container.save(SAVED)
    container.start()
    container.mount(
        CONFIG.replace("Our forge", "New name").replace("LFS_START_SERVER = true\n", "")
    )
    assert container.start() == MERGED.replace("Our forge", "New name").replace(
        "LFS_START_SERVER = true\n", ""
    )


def test_sections_that_the_config_lacks_are_added(container: Container) -> None:
    container.mount("APP_NAME = x")
    container.save("[oauth2]\nJWT_SECRET = s3cret\n")
    expected = "APP_NAME = x\n\n[oauth2]\nJWT_SECRET = s3cret\n"
    assert container.start() == expected
    assert container.start() == expected


@pytest.mark.parametrize(
    "empty",
    [
        "JWT_SECRET=",
        "  JWT_SECRET : ''",
        "`JWT_SECRET` = ``",
        'JWT_SECRET = "" ; x',
        "JWT_SECRET=#",
    ],
)
def test_an_empty_value_of_the_config_makes_room(one: Container, empty: str) -> None:
    one.mount(f"[oauth2] ; tokens\nENABLED = true\n{empty}\n")
    one.save("[oauth2]\nJWT_SECRET = s3cret\n")
    assert one.start() == "[oauth2] ; tokens\nJWT_SECRET = s3cret\nENABLED = true\n"


def test_a_section_that_stands_twice_gets_one_secret(one: Container) -> None:
    one.mount("[oauth2]\nA = 1\n[server]\n[oauth2]\nJWT_SECRET =\nB = 2\n")
    one.save("[oauth2]\nJWT_SECRET = s3cret\n")
    assert one.start() == "[oauth2]\nJWT_SECRET = s3cret\nA = 1\n[server]\n[oauth2]\nB = 2\n"


def test_texts_of_many_lines_are_left_alone(one: Container) -> None:
    text = '[ui]\nA = """one\n[oauth2]\nJWT_SECRET =\n"""\nB = `two\n[server]\n`\n[oauth2]\n'
    one.mount(text)
    one.save("[oauth2]\nJWT_SECRET = s3cret\n[server]\nLFS_JWT_SECRET = lfs\n")
    added = "JWT_SECRET = s3cret\n\n[server]\nLFS_JWT_SECRET = lfs\n"
    assert one.start() == text + added


def test_crlf_of_the_config_stays(one: Container) -> None:
    one.mount("[oauth2]\r\nJWT_SECRET =\r\nENABLED = true\r\n")
    one.save("[oauth2]\nJWT_SECRET = s3cret\n")
    assert one.start() == "[oauth2]\r\nJWT_SECRET = s3cret\nENABLED = true\r\n"


# A start that fails keeps the old file, and says so.


@pytest.mark.parametrize("config", [None, ""], ids=["missing", "empty"])
def test_without_a_config_nothing_is_written(container: Container, config: str | None) -> None:
    if config is not None:
        container.mount(config)
    container.save(SAVED)
    done = container.run(str(container.setup))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("app.ini could not be written from its config\n")
    assert container.target.read_text() == SAVED


def test_a_full_disk_keeps_the_old_file(container: Container) -> None:
    container.mount(CONFIG + "; filler\n" * 4000)
    container.save(SAVED)
    done = container.run("/bin/sh", "-c", 'ulimit -f 8; exec "$0"', str(container.setup))
    assert done.returncode == 1
    assert container.target.read_text() == SAVED
    assert [path.name for path in container.target.parent.iterdir()] == ["app.ini"]


def test_what_a_killed_start_left_is_replaced(container: Container) -> None:
    container.mount(CONFIG)
    left = container.target.with_name("app.ini.new")
    left.write_text("half")
    left.chmod(0o444)
    assert container.start() == CONFIG
