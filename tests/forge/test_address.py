"""Where a repository lies, out of any URL that git takes."""

from __future__ import annotations

import pytest

from patchkit.errors import UsageError
from patchkit.forge.address import Address

RECIPE = ("coop-cloud", "gitea")
HOST = "https://git.example.org"


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (f"{HOST}/coop-cloud/gitea.git", HOST),
        (f"{HOST}/coop-cloud/gitea", HOST),
        (f"{HOST}/coop-cloud/gitea/", HOST),
        (f"{HOST}//coop-cloud//gitea.git", HOST),
        ("https://user:secret@git.example.org/coop-cloud/gitea.git", HOST),
        ("HTTPS://Git.Example.ORG/coop-cloud/gitea.git", HOST),
        (f"{HOST}:443/coop-cloud/gitea.git", HOST),
        (f"{HOST}:8443/coop-cloud/gitea.git", f"{HOST}:8443"),
        (f"{HOST}/git/below/coop-cloud/gitea.git", f"{HOST}/git/below"),
        ("http://localhost:3000/coop-cloud/gitea.git", "http://localhost:3000"),
        ("http://[::1]:3000/coop-cloud/gitea.git", "http://[::1]:3000"),
        ("http://localhost:80/coop-cloud/gitea.git", "http://localhost"),
        ("git@git.example.org:coop-cloud/gitea.git", HOST),
        ("git.example.org:coop-cloud/gitea", HOST),
        ("git@git.example.org:/coop-cloud/gitea.git", HOST),
        ("git@[2001:db8::1]:coop-cloud/gitea.git", "https://[2001:db8::1]"),
        ("ssh://git@git.example.org/coop-cloud/gitea.git", HOST),
        ("ssh://git@git.example.org:2222/coop-cloud/gitea.git", HOST),
        ("git+ssh://git@git.example.org/coop-cloud/gitea.git", HOST),
        ("git://git.example.org/coop-cloud/gitea.git", HOST),
        ("git@github.com:coop-cloud/gitea.git", "https://github.com"),
        ("ssh://git@ssh.github.com:443/coop-cloud/gitea.git", "https://github.com"),
        ("https://www.github.com/coop-cloud/gitea", "https://github.com"),
        ("https://acme.ghe.com/coop-cloud/gitea", "https://acme.ghe.com"),
    ],
)
def test_parses(url: str, base: str) -> None:
    address = Address.parse(url)
    assert (address.base, address.owner, address.name) == (base, *RECIPE)


def test_host_is_what_variables_are_named_after() -> None:
    assert Address.parse("https://git.example.org:8443/x/o/r").host == "git.example.org:8443"


@pytest.mark.parametrize("name", ["mattermost-lts", "a.b_c-d", "-", "x" * 100, ".github"])
def test_names(name: str) -> None:
    assert Address.parse(f"{HOST}/o/{name}.git").name == name


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("/srv/git/coop-cloud/gitea.git", id="a path"),
        pytest.param("../coop-cloud/gitea.git", id="a relative path"),
        pytest.param("file:///srv/coop-cloud/gitea.git", id="a file"),
        pytest.param("ext::sh -c evil coop-cloud/gitea", id="a remote helper"),
        pytest.param("ftp://git.example.org/coop-cloud/gitea", id="another protocol"),
        pytest.param(f"{HOST}/gitea.git", id="no owner"),
        pytest.param(HOST, id="no path"),
        pytest.param("https:///coop-cloud/gitea", id="no host"),
        pytest.param(f"{HOST}:port/coop-cloud/gitea", id="no port"),
        pytest.param("https://[::1/coop-cloud/gitea", id="half an address"),
        pytest.param(f"{HOST}/coop-cloud/..", id="a way out"),
        pytest.param(f"{HOST}/../coop-cloud/gitea", id="a way up"),
        pytest.param(f"{HOST}/coop-cloud/%2e%2e", id="a quoted way out"),
        pytest.param(f"{HOST}/coop-cloud/a%2Fb", id="a quoted slash"),
        pytest.param(f"{HOST}/coop-cloud/gitea?x=1", id="a query"),
        pytest.param(f"{HOST}/coop cloud/gitea", id="a space"),
        pytest.param(f"{HOST}/coop-cloud/{'x' * 101}", id="a long name"),
        pytest.param("https://git.exa mple.org/coop-cloud/gitea", id="a space in the host"),
        pytest.param("git@host:2222:coop-cloud/gitea", id="two colons"),
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(UsageError, match="names no repository on a forge") as caught:
        Address.parse(url)
    assert "https://host/owner/recipe.git" in str(caught.value)


def test_a_refusal_shows_no_password() -> None:
    with pytest.raises(UsageError) as caught:
        Address.parse("https://user:secret@git.example.org/gitea")
    assert "secret" not in str(caught.value)
    assert "git.example.org/gitea" in str(caught.value)
