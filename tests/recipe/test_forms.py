from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.recipe import forms
from patchkit.recipe.forms import FileRef, Mount, Port

WRONG_SERVICES = [None, "text", 5, [], {}, {"volumes": 5}]
VIEWS = [
    (forms.mounts, []),
    (forms.config_refs, []),
    (forms.secret_refs, []),
    (forms.networks, {}),
    (forms.depends_on, []),
    (forms.ports, []),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["source", "target", "mode", "aliases", "published", "a"]), inner
        )
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("service", WRONG_SERVICES)
@pytest.mark.parametrize(("view", "empty"), VIEWS)
def test_a_service_of_the_wrong_type_has_nothing(view, empty, service):
    assert view(service) == empty


@settings(deadline=None, max_examples=200)
@given(ANYTHING)
def test_a_field_of_the_wrong_type_never_raises(value):
    fields = ("volumes", "configs", "secrets", "networks", "depends_on", "ports")
    for view, empty in VIEWS:
        assert isinstance(view(dict.fromkeys(fields, value)), type(empty))
    assert isinstance(forms.as_mapping(value), dict)
    assert isinstance(forms.as_hosts(value), list)


@pytest.mark.parametrize("value", [None, "A=1", 5, [1, None, {"A": "1"}], {"A": ["1"]}, {"A": {}}])
def test_as_mapping_gives_nothing_for_other_types(value):
    assert forms.as_mapping(value) == {}


@pytest.mark.parametrize(
    ("value", "mapping"),
    [
        pytest.param(["A=1", "B=x=y", "C="], {"A": "1", "B": "x=y", "C": ""}, id="list"),
        pytest.param(["A"], {"A": None}, id="list, no value"),
        pytest.param({"A": None, "B": ""}, {"A": None, "B": ""}, id="mapping, no value"),
        pytest.param(["A=1", "A=2"], {"A": "2"}, id="the last of two"),
        pytest.param(
            {"A": 5, "B": True, "C": 365}, {"A": "5", "B": "true", "C": "365"}, id="types"
        ),
        pytest.param(
            {"A": 1.10, "B": 2.0, "C": 1e3}, {"A": "1.1", "B": "2", "C": "1000"}, id="floats"
        ),
        pytest.param(
            {"A": 1e20, "B": 1e21}, {"A": "1" + "0" * 20, "B": "1e+21"}, id="large floats"
        ),
        pytest.param({"A": 0.0001, "B": 1e-05}, {"A": "0.0001", "B": "1e-05"}, id="small floats"),
        pytest.param(["A=${B:-c=d}"], {"A": "${B:-c=d}"}, id="variable"),
    ],
)
def test_as_mapping(value, mapping):
    assert forms.as_mapping(value) == mapping


@pytest.mark.parametrize("value", [["bare"], {"bare": None}])
def test_as_mapping_of_labels(value):
    assert forms.as_mapping(value, bare="") == {"bare": ""}


@pytest.mark.parametrize(
    ("entry", "mount"),
    [
        pytest.param("/data", Mount("", "/data", "volume", False), id="anonymous"),
        pytest.param("data:/data", Mount("data", "/data", "volume", False), id="named"),
        pytest.param("data:/data:ro", Mount("data", "/data", "volume", True), id="ro"),
        pytest.param("data:/data:ro,z", Mount("data", "/data", "volume", True), id="ro,z"),
        pytest.param("data:/data:z,rw", Mount("data", "/data", "volume", False), id="rw"),
        pytest.param("./x:/data", Mount("./x", "/data", "bind", False), id="relative"),
        pytest.param("../x:/data", Mount("../x", "/data", "bind", False), id="above"),
        pytest.param("/srv/x:/data", Mount("/srv/x", "/data", "bind", False), id="absolute"),
        pytest.param("~/x:/data", Mount("~/x", "/data", "bind", False), id="home"),
        pytest.param("${V}:/data", Mount("${V}", "/data", "volume", False), id="variable"),
        pytest.param("${V:-v}:/a", Mount("${V:-v}", "/a", "volume", False), id="default name"),
        pytest.param("${V:-./v}:/a", Mount("${V:-./v}", "/a", "bind", False), id="default path"),
        pytest.param(
            "${V}/db:/a:ro", Mount("${V}/db", "/a", "bind", True), id="path behind variable"
        ),
        pytest.param("$V/db:/a", Mount("$V/db", "/a", "bind", False), id="plain variable"),
        pytest.param(
            {"type": "bind", "source": "/s", "target": "/t", "read_only": True},
            Mount("/s", "/t", "bind", True),
            id="long",
        ),
        pytest.param(
            {"target": "/t"}, Mount("", "/t", "volume", False), id="long, short of fields"
        ),
        pytest.param(
            {"type": "tmpfs", "target": "/t"}, Mount("", "/t", "tmpfs", False), id="tmpfs"
        ),
    ],
)
def test_mounts(entry, mount):
    assert forms.mounts({"volumes": [entry]}) == [mount]


@pytest.mark.parametrize(
    ("entry", "config", "secret"),
    [
        pytest.param("name", "/name", "/run/secrets/name", id="short"),
        pytest.param({"source": "name"}, "/name", "/run/secrets/name", id="no target"),
        pytest.param({"source": "name", "target": "/etc/x"}, "/etc/x", "/etc/x", id="absolute"),
        pytest.param({"source": "name", "target": "x"}, "/x", "/run/secrets/x", id="relative"),
        pytest.param({"source": "name", "target": "${X}/x"}, "${X}/x", "${X}/x", id="variable"),
    ],
)
def test_targets_of_configs_and_secrets(entry, config, secret):
    service = {"configs": [entry], "secrets": [entry]}
    assert forms.config_refs(service) == [FileRef("name", config, None, None, None)]
    assert forms.secret_refs(service) == [FileRef("name", secret, None, None, None)]


def test_owner_and_mode_of_a_config():
    entry = {"source": "a", "target": "/b", "mode": 0o555, "uid": "1000", "gid": 1000}
    assert forms.config_refs({"configs": [entry]}) == [FileRef("a", "/b", 0o555, "1000", "1000")]


@pytest.mark.parametrize(
    ("value", "aliases"),
    [
        (["proxy", "internal"], {"proxy": [], "internal": []}),
        ({"proxy": None, "internal": {"aliases": ["pds"]}}, {"proxy": [], "internal": ["pds"]}),
        ({"proxy": {"aliases": [5, "a"]}, "internal": 7}, {"proxy": ["a"], "internal": []}),
    ],
)
def test_networks(value, aliases):
    assert forms.networks({"networks": value}) == aliases


@pytest.mark.parametrize(
    "value", [["db", "cache"], {"db": {"condition": "service_healthy"}, "cache": None}]
)
def test_depends_on(value):
    assert forms.depends_on({"depends_on": value}) == ["db", "cache"]


@pytest.mark.parametrize(
    ("entry", "ports"),
    [
        pytest.param(80, [Port(80, None, "tcp", "ingress")], id="number"),
        pytest.param("80", [Port(80, None, "tcp", "ingress")], id="target"),
        pytest.param("8080:80", [Port(80, 8080, "tcp", "ingress")], id="published"),
        pytest.param("53:53/UDP", [Port(53, 53, "udp", "ingress")], id="protocol"),
        pytest.param("127.0.0.1:8080:80", [Port(80, 8080, "tcp", "ingress")], id="address"),
        pytest.param("[::1]:8080:80", [Port(80, 8080, "tcp", "ingress")], id="IPv6 address"),
        pytest.param("127.0.0.1::80", [Port(80, None, "tcp", "ingress")], id="no published"),
        pytest.param(
            "8000-8001:80-81",
            [Port(80, 8000, "tcp", "ingress"), Port(81, 8001, "tcp", "ingress")],
            id="ranges",
        ),
        pytest.param(
            "8000-8001:80",
            [Port(80, 8000, "tcp", "ingress"), Port(80, 8001, "tcp", "ingress")],
            id="published range",
        ),
        pytest.param(
            "${P:-22:22}:${T}/udp", [Port("${T}", "${P:-22:22}", "udp", "ingress")], id="variables"
        ),
        pytest.param(
            {"target": 80, "published": "${P}", "mode": "host"},
            [Port(80, "${P}", "tcp", "host")],
            id="long",
        ),
        pytest.param({"target": 80, "published": 0}, [Port(80, None, "tcp", "ingress")], id="zero"),
    ],
)
def test_ports(entry, ports):
    assert forms.ports({"ports": [entry]}) == ports
