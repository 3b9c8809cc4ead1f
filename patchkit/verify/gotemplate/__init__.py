"""Renders configs with `template_driver: golang` as Swarm does: Go's text/template in Python.

Own code, because nothing on PyPI does it well: the packages that bind Go's library (go-template,
py-go-template, cognihub-pygotemplate) need a Go compiler or carry an old build of it and are not
kept up, and gotpl, in Python, is one release marked «Planning». None bounds the work of a
template from a stranger, and none says which line of it gave a line of the result.

What Swarm would refuse is refused; so is the little that is not known here (complex numbers,
hexadecimal floats, some verbs of `printf`, methods): nothing is guessed. Tests hold it against Go.
https://docs.docker.com/engine/swarm/configs/#use-a-templated-config
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.gotemplate.fault import TemplateError
from patchkit.verify.gotemplate.rendered import Rendered, trace
from patchkit.verify.gotemplate.task import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Rendered", "Task", "TemplateError", "render", "trace"]


def render(
    text: str,
    env: Mapping[str, str],
    secrets: Mapping[str, str] | None = None,
    configs: Mapping[str, str] | None = None,
    *,
    path: str = "",
) -> str:
    """Return what Swarm makes of a template.

    Args:
        text: the template.
        env: the environment of the service's containers, for `env`.
        secrets: content by the name under which the service mounts it, for `secret`.
        configs: the same of configs, for `config`.
        path: the file that the template is, for places.

    Raises:
        TemplateError: Swarm would fail on it, or it uses what is not known here.
    """
    task = Task(env, {} if secrets is None else secrets, {} if configs is None else configs)
    return trace(text, task, path=path).text
