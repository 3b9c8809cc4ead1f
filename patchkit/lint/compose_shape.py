"""The fields of a compose file and what each may hold.

Compose file version 3, as `docker stack` checks it before it fills in variables:
https://docs.docker.com/reference/compose-file/legacy-versions/
"""

from __future__ import annotations

import re

from patchkit.lint.shapes import (
    BOOLEAN,
    DURATION,
    INTEGER,
    MOUNT,
    NULL,
    NUMBER,
    PORTS,
    SIZE,
    TEXT,
    Fields,
    ListOf,
    MapOf,
    OneOf,
    Shape,
)

VERSIONS = ("3", *(f"3.{minor}" for minor in range(14)))

_NAMES = re.compile(r"[a-zA-Z0-9._-]+")
_TEXTS = ListOf(TEXT, unique=True)
_TEXT_OR_LIST = OneOf((TEXT, _TEXTS))
_WORDS = OneOf((TEXT, ListOf(TEXT)))
_PAIRS = OneOf((MapOf(OneOf((TEXT, NUMBER, NULL))), _TEXTS))
_OPTIONS = MapOf(OneOf((TEXT, NUMBER, NULL)))


def _texts(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, TEXT)


def _rollout() -> Fields:
    return Fields(
        {
            "parallelism": INTEGER,
            "delay": DURATION,
            "failure_action": TEXT,
            "monitor": DURATION,
            "max_failure_ratio": NUMBER,
            "order": TEXT,
        }
    )


_HEALTHCHECK = Fields(
    {
        "disable": BOOLEAN,
        "interval": DURATION,
        "retries": NUMBER,
        "start_interval": DURATION,
        "start_period": DURATION,
        "test": _WORDS,
        "timeout": DURATION,
    }
)
_GENERIC = Fields({"discrete_resource_spec": Fields({"kind": TEXT, "value": NUMBER})})
_AMOUNTS: dict[str, Shape] = {"cpus": TEXT, "memory": SIZE}
_DEPLOY = Fields(
    {
        **_texts("mode", "endpoint_mode"),
        "labels": _PAIRS,
        "placement": Fields(
            {
                "constraints": ListOf(TEXT),
                "max_replicas_per_node": INTEGER,
                "preferences": ListOf(Fields({"spread": TEXT})),
            }
        ),
        "replicas": INTEGER,
        "resources": Fields(
            {
                "limits": Fields({**_AMOUNTS, "pids": INTEGER}),
                "reservations": Fields({**_AMOUNTS, "generic_resources": ListOf(_GENERIC)}),
            }
        ),
        "restart_policy": Fields(
            {"condition": TEXT, "delay": DURATION, "max_attempts": INTEGER, "window": DURATION}
        ),
        "rollback_config": _rollout(),
        "update_config": _rollout(),
    }
)
_FILES = ListOf(
    OneOf(
        (TEXT, Fields({**_texts("source", "target", "uid", "gid"), "mode": NUMBER}, is_open=True))
    )
)
_MOUNT = Fields(
    {
        **_texts("type", "source", "target", "consistency"),
        "bind": Fields({"propagation": TEXT}, is_open=True),
        "cluster": Fields({}, is_open=True),
        "read_only": BOOLEAN,
        "tmpfs": Fields({"size": INTEGER}, is_open=True),
        "volume": Fields({"nocopy": BOOLEAN}, is_open=True),
    },
    needs=("type",),
)
_PORT = Fields({"mode": TEXT, "protocol": TEXT, "published": INTEGER, "target": INTEGER})
_NETWORK_OF_SERVICE = Fields(
    {**_texts("ipv4_address", "ipv6_address"), "aliases": _TEXTS, "driver_opts": _OPTIONS}
)
_ULIMIT = Fields({"hard": INTEGER, "soft": INTEGER}, needs=("soft", "hard"))
_BUILD = Fields(
    {
        **_texts("context", "dockerfile", "network", "target"),
        "args": _PAIRS,
        "cache_from": _TEXTS,
        "extra_hosts": _PAIRS,
        "labels": _PAIRS,
        "shm_size": OneOf((INTEGER, TEXT)),
    },
    # Swarm builds nothing, and Docker looks no closer.
    is_open=True,
)
_SERVICE = Fields(
    {
        **_texts(
            "cgroup_parent",
            "cgroupns_mode",
            "container_name",
            "domainname",
            "hostname",
            "image",
            "ipc",
            "isolation",
            "mac_address",
            "network_mode",
            "restart",
            "stop_signal",
            "user",
            "userns_mode",
            "working_dir",
        ),
        **dict.fromkeys(("init", "privileged", "read_only", "stdin_open", "tty"), BOOLEAN),
        **dict.fromkeys(
            (
                "cap_add",
                "cap_drop",
                "depends_on",
                "devices",
                "external_links",
                "links",
                "security_opt",
            ),
            _TEXTS,
        ),
        **dict.fromkeys(("environment", "extra_hosts", "labels", "sysctls"), _PAIRS),
        **dict.fromkeys(("dns", "dns_search", "env_file", "tmpfs"), _TEXT_OR_LIST),
        **dict.fromkeys(("command", "entrypoint"), _WORDS),
        "build": OneOf((TEXT, _BUILD)),
        "configs": _FILES,
        "credential_spec": Fields(_texts("config", "file", "registry")),
        "deploy": OneOf((NULL, _DEPLOY)),
        "expose": ListOf(PORTS, unique=True),
        "healthcheck": _HEALTHCHECK,
        "logging": Fields({"driver": TEXT, "options": _OPTIONS}),
        "networks": OneOf((_TEXTS, MapOf(OneOf((NULL, _NETWORK_OF_SERVICE)), _NAMES))),
        "oom_score_adj": INTEGER,
        "pid": OneOf((TEXT, NULL)),
        "ports": ListOf(OneOf((PORTS, _PORT)), unique=True),
        "secrets": _FILES,
        "shm_size": OneOf((NUMBER, TEXT)),
        "stop_grace_period": DURATION,
        "ulimits": MapOf(OneOf((INTEGER, _ULIMIT))),
        "volumes": ListOf(OneOf((MOUNT, _MOUNT))),
    }
)
_EXTERNAL = OneOf((BOOLEAN, Fields({"name": TEXT}, is_open=True)))
_DEFINITION: dict[str, Shape] = {"external": _EXTERNAL, "labels": _PAIRS, "name": TEXT}
_DRIVER: dict[str, Shape] = {**_DEFINITION, "driver": TEXT, "driver_opts": _OPTIONS}
_IPAM = Fields({"driver": TEXT, "config": ListOf(Fields({"subnet": TEXT}))})
_NETWORK = Fields({**_DRIVER, "attachable": BOOLEAN, "internal": BOOLEAN, "ipam": _IPAM})
_CONFIG = Fields({**_DEFINITION, "file": TEXT, "template_driver": TEXT})
_SECRET = Fields({**_DRIVER, "file": TEXT, "template_driver": TEXT})

COMPOSE = Fields(
    {
        "configs": MapOf(_CONFIG, _NAMES),
        "networks": MapOf(OneOf((NULL, _NETWORK))),
        "secrets": MapOf(_SECRET, _NAMES),
        "services": MapOf(_SERVICE, _NAMES),
        "version": TEXT,
        "volumes": MapOf(
            OneOf((NULL, Fields({**_DRIVER, "spec": Fields({}, is_open=True)}))), _NAMES
        ),
    }
)
