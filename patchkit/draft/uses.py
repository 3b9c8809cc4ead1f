"""What services use of the top-level sections: their entries of `configs`, `secrets` and so on.

Compose spec, «services»: short and long syntax, block and flow lists, in every compose file.
An entry is found by what it means and edited where it stands, in the form it has there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patchkit.draft.habits import beside, like
from patchkit.edit.yaml import Alias, Mapping, Sequence, styled
from patchkit.edit.yaml.nodes import walk
from patchkit.errors import EditRefused
from patchkit.recipe.find import same_path
from patchkit.recipe.forms import config_refs, mounts, secret_refs
from patchkit.recipe.model import BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.draft.draft import Draft
    from patchkit.edit.yaml import Path
    from patchkit.errors import Place
    from patchkit.recipe.model import Recipe

Kind: TypeAlias = Literal["configs", "secrets", "volumes", "networks"]

# Where a service that shows no order, and none beside it, gets a new field.
_CUSTOM = ("environment", "secrets", "configs", "volumes", "networks", "healthcheck", "deploy")


@dataclass(frozen=True, slots=True)
class Use:
    """One entry of a service in one compose file.

    Attributes:
        kind: the field, called as the section that it uses.
        file: the compose file.
        service: the service's key.
        step: the entry's number in its list, its key where `networks` is a mapping.
        source: the key of what is used, a path of the host, or "" for an anonymous volume.
        target: the path in the container; "" for a network.
        entry: the entry as data.
    """

    kind: Kind
    file: str
    service: str
    step: str | int
    source: str
    target: str
    entry: Any

    @property
    def path(self) -> Path:
        """Where the entry stands in its file."""
        return ("services", self.service, self.kind, self.step)

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.kind.removesuffix('s')} {self.source}".rstrip()


def uses(recipe: Recipe, kind: Kind, service: str | None = None) -> list[Use]:
    """Return the entries of one kind, of one service or of all, in the order of the files."""
    return [
        use
        for file, data in recipe.data.items()
        for name, body in _bodies(data)
        if service in {None, name}
        for use in _entries(kind, file, name, body.get(kind))
    ]


def place(draft: Draft, use: Use) -> Place:
    """Return where an entry stands, for messages."""
    return draft.recipe.place(use.file, use.path)


def home(draft: Draft, service: str, compose_file: str | None) -> str:
    """Return the compose file that gets what a service is to use.

    Args:
        draft: the recipe.
        service: the service's key.
        compose_file: what the spec names; None for the file that defines the service.

    Raises:
        EditRefused: no such service or file, or overlays define the service by turns.
    """
    draft.require_service(service)
    if compose_file is not None:
        draft.require_compose(compose_file)
        return compose_file
    path: Path = ("services", service, "image")
    files = draft.recipe.files_with(path)
    if len(files) > 1 and BASE not in files:
        raise EditRefused(
            f"{len(files)} overlays define {service}: {draft.spots(files, path)}",
            place=draft.recipe.place(files[0], path),
            hint="say which one with `compose_file:`, in one step for each",
        )
    return draft.recipe.home(service)


def require_free(draft: Draft, kind: Kind, service: str, source: str, target: str) -> None:
    """Refuse a target at which the service has something else, in any compose file."""
    kinds: tuple[Kind, ...] = ("configs", "secrets", "volumes")
    for use in (use for each in kinds for use in uses(draft.recipe, each, service)):
        if same_path(use.target, target) and (use.kind, use.source) != (kind, source):
            raise EditRefused(
                f"{service} has the {use.name} at {target} already",
                place=place(draft, use),
                hint="remove it first, or choose another target",
            )


def form(
    draft: Draft, kind: Kind, service: str, file: str, *, long: dict[str, Any], short: str = ""
) -> Any:
    """Return a new entry as its neighbours in the list are written.

    Args:
        draft: the recipe.
        kind: the list.
        service: the service's key.
        file: the compose file.
        long: the entry in the long syntax.
        short: the same in the short one, taken unless all neighbours are long; "" for none.
    """
    node = draft.recipe.document(file).follow(("services", service, kind))
    items = node.items if isinstance(node, Sequence) else []
    mappings = [item for item in items if isinstance(item, Mapping)]
    if short and (not items or len(mappings) < len(items)):
        return short
    return like(long, mappings[-1] if mappings else None)


def written(draft: Draft, use: Use) -> Any:
    """Return an entry with its quotes and its braces; as plain data where aliases are in it."""
    node = draft.recipe.document(use.file).follow(use.path)
    if node is None or any(isinstance(below, Alias) for below in walk(node)):
        return use.entry
    return styled(node)


def add(draft: Draft, kind: Kind, service: str, file: str, entry: Any) -> None:
    """Put an entry behind the last one of a service's list.

    A list that is missing goes where other services have it; so does the service's block.
    """
    path: Path = ("services", service, kind)
    if draft.recipe.document(file).follow(path) is not None:
        draft.edit_yaml(file, lambda editor: editor.append(path, entry))
        return
    where = _beside(draft.recipe, kind, service, file)
    draft.edit_yaml(file, lambda editor: editor.set(path, [entry], **where))


def change(draft: Draft, use: Use, field: str, value: Any) -> None:
    """Set a field of a config's or secret's entry; one in the short syntax becomes long."""
    if isinstance(use.entry, str):
        entry = {"source": written(draft, use), field: value}
        draft.edit_yaml(use.file, lambda editor: editor.set(use.path, entry))
    else:
        path, after = (*use.path, field), "source" if field == "target" else None
        draft.edit_yaml(use.file, lambda editor: editor.set(path, value, after=after))


def cut(draft: Draft, kind: Kind, wanted: Callable[[Use], bool]) -> list[Use]:
    """Cut every entry that is wanted out of every file; return them.

    Each is looked up anew, since numbers change with every cut.
    """
    done: list[Use] = []
    while found := [use for use in uses(draft.recipe, kind) if wanted(use)]:
        done.insert(0, found[-1])
        _cut(draft, found[-1])
    return done


def _cut(draft: Draft, use: Use) -> None:
    spot, before = place(draft, use), len(uses(draft.recipe, use.kind, use.service))
    draft.edit_yaml(use.file, lambda editor: editor.unset(use.path, move_anchors=True))
    if len(uses(draft.recipe, use.kind, use.service)) != before - 1:
        raise EditRefused(
            f"{use.service} inherits other {use.kind} by `<<` once this list of its own is gone",
            place=spot,
            hint=f"write its {use.kind} with service.set",
        )


def _bodies(data: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    services = data.get("services")
    for name, body in services.items() if isinstance(services, dict) else ():
        yield name, body if isinstance(body, dict) else {}


def _entries(kind: Kind, file: str, service: str, field: object) -> Iterator[Use]:
    if isinstance(field, dict):
        for key, entry in field.items():
            yield Use(kind, file, service, key, key, "", entry)
    for step, entry in enumerate(field if isinstance(field, list) else []):
        if isinstance(entry, (str, dict)):
            source, target = _ends(kind, entry)
            yield Use(kind, file, service, step, source, target, entry)


def _ends(kind: Kind, entry: Any) -> tuple[str, str]:
    """Return source and target of an entry of a list."""
    if kind == "networks":
        return str(entry), ""
    if kind == "volumes":
        mount = mounts({kind: [entry]})[0]
        return mount.source, mount.target
    refs = config_refs if kind == "configs" else secret_refs
    ref = refs({kind: [entry]})[0]
    return ref.source, ref.target


def _beside(recipe: Recipe, kind: Kind, service: str, file: str) -> dict[str, str]:
    """Return where a service's new field goes: see `habits.beside`."""
    bodies = [body for path in (file, *recipe.data) for _, body in _bodies(recipe.data[path])]
    own = dict(_bodies(recipe.data[file])).get(service, {})
    return beside(kind, own, [*bodies, _CUSTOM])
