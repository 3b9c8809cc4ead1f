"""Names that a service answers to on a network, besides its own.

Compose spec, «networks.aliases». Several services may share a name on a network, so an alias is
chosen to be unique where strangers are: https://docs.docker.com/reference/compose-file/services/#aliases
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.draft import missing
from patchkit.draft.naming import respell
from patchkit.edit.yaml import Alias, Mapping, Scalar, Sequence, YamlEditor
from patchkit.edit.yaml.model import put
from patchkit.edit.yaml.splices import Splice
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.forms import as_networks, networks
from patchkit.recipe.references import references
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.yaml import Node, Path


class NetworkAlias(OpModel):
    """Add an alias to a service on one of its networks.

    Networks that stand in a list become a mapping, in the same order and with their comments.
    A network that the service joins in several files is refused unless `file` says which one
    is meant, and so is an alias that an overlay's own aliases would hide. With `hosts: true`
    every bare host name of the service (`http://app:3000`) becomes the alias; names that no
    other stack has (`tasks.app`, `${STACK_NAME}_app`) stay.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    network: str = Field(description="The network's Compose key.", examples=["proxy"])
    alias: str = Field(
        description="The name to answer to; may hold variables.",
        examples=["${STACK_NAME}-pds"],
        min_length=1,
    )
    hosts: bool = Field(
        default=False,
        description="Whether peers that reach the service by its bare name use the alias instead.",
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )


def network_alias(draft: Draft, step: NetworkAlias) -> Changed | Unchanged:
    """Add the alias in the one file in which the service joins the network."""
    draft.require_service(step.service)
    file = _file(draft, step)
    before = _aliases(draft, step)
    tree = draft.tree
    if step.hosts:
        hosts = [ref for ref in references(draft.recipe, step.service) if ref.form == "host"]
        respell(draft, hosts, step.service, step.alias)
    if step.alias in before:
        if draft.tree == tree:
            return Unchanged(f"{step.service} has the alias {step.alias} already")
        return Changed(f"named {step.service} {step.alias} where peers reach it")
    draft.edit_yaml(file, lambda editor: _add(editor, step))
    if not {*before, step.alias} <= {*_aliases(draft, step)}:
        raise EditRefused(
            f"aliases of {step.network} in an overlay take the place of those in the files"
            " before it, so some would be lost",
            place=draft.recipe.place(file, _path(step)),
            hint="say in `file:` the last file that gives aliases",
        )
    return Changed(f"added the alias {step.alias} to {step.service} on {step.network}")


def _path(step: NetworkAlias) -> Path:
    return ("services", step.service, "networks")


def _aliases(draft: Draft, step: NetworkAlias) -> list[str]:
    return networks(draft.recipe.services[step.service]).get(step.network, [])


def _file(draft: Draft, step: NetworkAlias) -> str:
    """Return the file in which the service joins the network."""
    if step.file is not None:
        draft.require_compose(step.file)
    joined: dict[str, list[str]] = {}
    for file in draft.recipe.files_with(_path(step)):
        field = draft.recipe.data[file]["services"][step.service]["networks"]
        for network in as_networks(field) if step.file in {None, file} else ():
            joined.setdefault(network, []).append(file)
    if step.network not in joined:
        raise missing(f"network of {step.service}", step.network, joined)
    first, *more = joined[step.network]
    if more:
        raise EditRefused(
            f"{step.service} joins {step.network} in several files:"
            f" {draft.spots((first, *more), _path(step))}",
            place=draft.recipe.place(first, _path(step)),
            hint="say which one with `file:`",
        )
    return first


def _add(editor: YamlEditor, step: NetworkAlias) -> None:
    path = _path(step)
    if isinstance(editor.document.follow(path), Sequence):
        _as_mapping(editor, path)
    editor.append((*path, step.network, "aliases"), step.alias)


def _as_mapping(editor: YamlEditor, path: Path) -> None:
    """Turn a list of names into a mapping of the same names, in place."""
    node = editor.node(path)
    if not isinstance(node, Sequence):
        if editor.on_alias != "expand":
            raise _refusal(
                editor, node or editor.node(path[:-1]), "an alias gives the list of networks"
            )
        editor.set(path, dict.fromkeys(as_networks(editor.data["services"][path[1]]["networks"])))
        return
    for part in [node, *node.items]:
        if isinstance(part, Mapping | Alias) or part.anchor or part.tag:
            raise _refusal(editor, part, "a network of this list is not a plain name")
    made = _flow_pairs(node) if node.flow else _block_pairs(editor, path, node)
    null = Scalar("null" if node.flow else "")
    assert editor.document.root is not None  # noqa: S101  the node is below it
    pairs: list[tuple[Node, Node]] = [(item, null) for item in node.items]
    editor.commit(made, put(editor.document.root, path, Mapping(pairs)))


def _flow_pairs(node: Sequence) -> list[Splice]:
    return [
        Splice(node.body, node.body + 1, "{"),
        *(Splice(item.end, item.end, ": null") for item in node.items),
        Splice(node.end - 1, node.end, "}"),
    ]


def _block_pairs(editor: YamlEditor, path: Path, node: Sequence) -> list[Splice]:
    """Write `name:` for `- name`; a list as far left as its key is indented."""
    layout, text = editor.layout, editor.text
    dashes = layout.dashes(node)
    made = [
        Splice(dash, item.end, f"{text[item.start : item.end]}:")
        for dash, item in zip(dashes, node.items, strict=True)
    ]
    service = editor.node(path[:-1])
    keys = [k for k, v in service.pairs if v is node] if isinstance(service, Mapping) else []
    if [layout.column(key.start) for key in keys] == [layout.column(dashes[0])]:
        at = layout.next_line(keys[0].start)
        while at <= dashes[-1]:
            made.append(Splice(at, at, " " * layout.style.step))
            at = layout.next_line(at)
    return made


def _refusal(editor: YamlEditor, node: Node | None, message: str) -> EditRefused:
    return EditRefused(
        message,
        place=editor.document.place(node.start if node else 0),
        hint="write the networks of the service as a mapping first",
    )


_HEAD = """\
services:
  app:
    image: nginx:1.27
    networks:
"""

OPS = {
    "alias": Op(
        "network.alias",
        NetworkAlias,
        network_alias,
        Example(
            step="op: network.alias\nservice: app\nnetwork: internal\nalias: pds\n",
            before={"compose.yml": _HEAD + "      - proxy\n      - internal # private\n"},
            after={
                "compose.yml": _HEAD
                + "      proxy:\n      internal: # private\n        aliases:\n          - pds\n"
            },
        ),
    ),
}
