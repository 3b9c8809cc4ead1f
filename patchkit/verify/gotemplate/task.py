"""What Swarm lets a template know of the task that it is rendered for.

The fields and their names are those of swarmkit's `template.Context`; Docker's docs list them
under `docker service create`, «Create services using templates».
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchkit.verify.gotemplate.values import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.verify.gotemplate.values import Value


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a service, with names that stand for what only a running swarm knows.

    Attributes:
        env: the environment of the service's containers.
        secrets: content by the name under which the service mounts it.
        configs: the same of its configs.
        service: the service's name in the stack, `<stack>_<service>`.
        labels: the service's labels.
        slot: its number among the service's tasks.
    """

    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    configs: Mapping[str, str] = field(default_factory=dict)
    service: str = "stack_service"
    labels: Mapping[str, str] = field(default_factory=dict)
    slot: str = "1"
    service_id: str = "service0000000000000000id"
    task_id: str = "task0000000000000000000id"
    node_id: str = "node0000000000000000000id"
    hostname: str = "node"
    architecture: str = "x86_64"
    os: str = "linux"

    def dot(self) -> Struct:
        """Return what `.` is when the template starts."""
        service: dict[str, Value] = {"ID": self.service_id, "Name": self.service}
        service["Labels"] = dict(self.labels)
        platform = Struct("Platform", {"Architecture": self.architecture, "OS": self.os})
        node: dict[str, Value] = {"ID": self.node_id, "Hostname": self.hostname}
        node["Platform"] = platform
        name = f"{self.service}.{self.slot}.{self.task_id}"
        task = {"ID": self.task_id, "Name": name, "Slot": self.slot}
        parts = {
            "Service": Struct("Service", service),
            "Node": Struct("Node", node),
            "Task": Struct("Task", task),
        }
        context = Struct("Context", parts)
        return Struct("the task", {"Context": context, **parts}, is_whole=True)

    def content(self, function: str, name: str) -> str | None:
        """Return what `env`, `secret` or `config` gives for a name; None when Swarm would fail."""
        if function == "env":
            return self.env.get(name, "")
        return (self.secrets if function == "secret" else self.configs).get(name)
