"""Mirrors that ask for a token: who gets it, and who does not."""

from __future__ import annotations

import logging
import os

import pytest
from fleet_tools import COMPOSE, PIN
from http_server import GitServer
from repos import TOKEN, Origin

from patchkit.fleet import private

FILES = {"compose.yml": COMPOSE, ".env.sample": "TYPE=cache\n", "abra.sh": ""}


@pytest.fixture(autouse=True)
def _own_settings(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith(("GIT_", "PATCHKIT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(private, "_KNOWN", {})
    (tmp_path / "pin.yml").write_text(PIN)


@pytest.fixture
def server(tmp_path):
    """A server of two mirrors that shows nothing to those who have no token."""
    names = ["org/cache.git", "org/other.git"]
    for name in names:
        (tmp_path / "srv" / name).parent.mkdir(parents=True, exist_ok=True)
        Origin(tmp_path / "srv", name, FILES)
    rights = {TOKEN: dict.fromkeys(names, "read")}
    with GitServer(tmp_path / "srv", tokens=rights, anonymous="none") as running:
        yield running


@pytest.fixture
def named(server, monkeypatch):
    """Let the settings name the server, as one that is no forge but for its mirrors."""
    monkeypatch.setenv("PATCHKIT_MIRROR", server.url("org/{recipe}.git"))
    monkeypatch.setenv("PATCHKIT_FORGE", "gitea")
    monkeypatch.setenv("GITEA_TOKEN", TOKEN)


def sent(server):
    """The tokens that came."""
    return {request.token for request in server.requests}


@pytest.mark.parametrize(
    "command",
    [("diff", "pin.yml"), ("lint",), ("verify", "pin.yml"), ("report", "pin.yml")],
    ids=lambda command: command[0],
)
@pytest.mark.usefixtures("named")
def test_a_mirror_that_the_settings_name(patchkit, server, caplog, command):
    caplog.set_level(logging.DEBUG)
    result = patchkit(*command, "--mirror", server.url("org/cache.git"))
    assert result.code == 0, result.err
    assert sent(server) == {"", TOKEN}
    assert TOKEN not in result.out + result.err + caplog.text


@pytest.mark.parametrize("executor", ["threads", "processes"])
@pytest.mark.usefixtures("named")
def test_many_workers_find_it_themselves(patchkit, server, tmp_path, executor):
    urls = [server.url("org/cache.git"), server.url("org/other.git")]
    (tmp_path / "list").write_text("\n".join(urls))
    how = ("--executor", executor, "--jobs", "2")
    result = patchkit("scan", "--list", "list", "--class", "classes/pin-moving-tag", *how)
    assert result.code == 0, result.err
    assert sent(server) == {"", TOKEN}
    kept = [path for path in (tmp_path / ".patchkit").rglob("*") if path.is_file()]
    assert kept
    assert all(TOKEN.encode() not in path.read_bytes() for path in kept)


@pytest.mark.usefixtures("named")
def test_the_token_of_a_forge_is_looked_for_once(server, monkeypatch):
    private.read_mirror(server.url("org/cache.git"), "cache")
    monkeypatch.setattr(private, "find_token", None)
    private.read_mirror(server.url("org/other.git"), "other")
    assert sent(server) == {"", TOKEN}


@pytest.mark.parametrize("mirror", ["", "http://localhost:1/org/{recipe}.git"], ids=["none", "it"])
def test_a_forge_that_the_settings_do_not_name_gets_nothing(patchkit, server, monkeypatch, mirror):
    monkeypatch.setenv("PATCHKIT_MIRROR", mirror)
    monkeypatch.setenv("PATCHKIT_TOKEN", TOKEN)
    result = patchkit("diff", "pin.yml", "--mirror", server.url("org/cache.git"))
    assert result.code == 5
    assert sent(server) == {""}
    assert f"name {server.url('org').removesuffix('/org')} in the settings" in result.err


def test_a_profile_names_it(patchkit, server, tmp_path):
    lines = ["[profiles.own]", f'mirror = "{server.url("org/{recipe}.git")}"', 'forge = "gitea"']
    (tmp_path / "patchkit.toml").write_text(
        "\n".join([*lines, f'token_command = ["printf", "%s", "{TOKEN}"]'])
    )
    result = patchkit("diff", "pin.yml", "--mirror", server.url("org/cache.git"))
    assert result.code == 0, result.err


@pytest.mark.usefixtures("named")
def test_a_wrong_token_is_not_told(patchkit, server, monkeypatch):
    monkeypatch.setenv("GITEA_TOKEN", "no-such-token")
    result = patchkit("diff", "pin.yml", "--mirror", server.url("org/cache.git"))
    assert result.code == 5
    assert "no-such-token" in sent(server)
    assert "no-such-token" not in result.err


def test_http_shows_a_token_to_everybody(monkeypatch):
    monkeypatch.setenv("PATCHKIT_MIRROR", "http://git.example.com/org/{recipe}.git")
    monkeypatch.setenv("PATCHKIT_FORGE", "gitea")
    monkeypatch.setenv("PATCHKIT_TOKEN", TOKEN)
    asked = []

    def answer(url, access=None):
        asked.append(access)
        if access is None:
            raise private.RemoteError("ls-remote", "Authentication failed", url)
        access.arguments(url)

    monkeypatch.setattr(private, "mirror", answer)
    with pytest.raises(private.UsageError, match="http shows the token"):
        private.read_mirror("http://git.example.com/org/cache.git", "cache")
    assert asked[0] is None
