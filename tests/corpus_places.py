"""The edits that `corpus_edit.py` makes: each kind, in every place or in a sample of places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from corpus_judge import (
    PROBE,
    Judged,
    Pairs,
    addition,
    at,
    drop,
    moving,
    put,
    put_in,
    rekey,
    removal,
    renaming,
    replacement,
    text_of,
)

from patchkit.edit.keyed import rename_entry, set_entry, unset_entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchkit.edit.yaml import Path, YamlEditor

NEW_ITEM = PROBE + ":1"
NEW_KEY = "zz" + PROBE
STYLES = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}


@dataclass(frozen=True)
class Edit:
    """One edit: `act` makes it on an editor, `expect` on plain data; `check` judges the text.

    `again` is what the same act must do a second time: «same» leave the text, «refused», or
    nothing that could be held. `flat`: merge keys may be written out.
    """

    kind: str
    path: Path
    act: Callable[[YamlEditor], object]
    expect: Callable[[Any], None]
    check: Callable[[Judged, Judged], str]
    again: str = "same"
    flat: bool = False


def edits(old: Judged, most: int) -> Iterator[Edit]:
    """Yield the edits of one text, at most `most` places of a kind in each collection."""
    if old.root is None or isinstance(old.root, yaml.MappingNode) or _is_null(old.root):
        yield from _section_edits(old)
    if not isinstance(old.root, yaml.MappingNode):
        return
    services = _services(old)
    names = _keys(old.node(services)) if services is not None else []
    for name in _sample(names, most):
        yield from _service_edits(old, (*(services or ()), name))
    for name in names:
        yield from _entry_edits(old, (*(services or ()), name))
    yield from _sequence_edits(old, most)
    yield from _scalar_edits(old, most)


def gone_with(old: Judged, path: Path) -> Path | None:
    """Return what goes with an entry: the collection that it alone fills; None if all does."""
    while len(path) > 1 and len(old.node(path[:-1]).value) == 1:
        path = path[:-1]
    return None if len(path) == 1 and len(old.root.value) == 1 else path


def _sample(found: Sequence[Any], most: int) -> Sequence[Any]:
    """Return at most `most` of what was found: the first, the last, and evenly between."""
    if len(found) <= most:
        return found
    return [found[i * (len(found) - 1) // (most - 1)] for i in range(most)]


def _keys(node: Any) -> list[str]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return [k.value for k, _ in pairs if isinstance(k, yaml.ScalarNode) and not _merge(k)]


def _merge(key: Any) -> bool:
    return bool(key.tag == "tag:yaml.org,2002:merge")


def _is_null(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _services(old: Judged) -> Path | None:
    """Return where the services stand: below `services`, or at the top in the oldest form."""
    if isinstance(old.node(("services",)), yaml.MappingNode):
        return ("services",)
    values = [value for _, value in old.root.value]
    return () if values and all({"image", "build"} & set(_keys(v)) for v in values) else None


def _section_edits(old: Judged) -> Iterator[Edit]:
    there = old.node(("configs",))
    if there is not None and not isinstance(there, yaml.MappingNode) and not _is_null(there):
        return

    def expect(data: Any) -> None:
        if not isinstance(old.root, yaml.MappingNode):
            data[:1] = [Pairs()]
        if not isinstance(there, yaml.MappingNode):
            put(data[0], ("configs",), Pairs())
        put(data[0], ("configs", PROBE), Pairs([[text_of("file"), text_of("./" + PROBE)]]))

    yield Edit(
        "section add" if there is None else "section entry",
        ("configs", PROBE),
        lambda editor: editor.set(("configs", PROBE), {"file": "./" + PROBE}),
        expect,
        addition(("configs",)),
    )


def _service_edits(old: Judged, path: Path) -> Iterator[Edit]:
    key = (*path, "x-" + PROBE)
    service = old.node(path)
    if isinstance(service, yaml.MappingNode):
        yield Edit(
            "service add key",
            path,
            lambda editor: editor.set(key, "1m30s"),
            lambda data: put(data[0], key, text_of("1m30s")),
            addition(path),
        )
        yield from _override(old, path, service)
    if gone := gone_with(old, path):
        moved = _anchors_in_use(old, path)
        yield Edit(
            "service remove",
            path,
            lambda editor: editor.unset(path, move_anchors=True),
            lambda data: drop(data[0], gone),
            moving(gone) if moved else removal(gone),
            again="refused",
            flat=moved,
        )
    yield Edit(
        "service rename",
        path,
        lambda editor: editor.rename(path, PROBE),
        lambda data: rekey(data[0], path, PROBE),
        renaming(path),
        again="refused",
    )


def _override(old: Judged, path: Path, service: Any) -> Iterator[Edit]:
    """Yield an edit that sets what only a merge key gives."""
    given = [k for key, source in service.value if _merge(key) for k in _keys(source)]
    new = next((name for name in given if name not in _keys(service)), None)
    if new is not None:
        yield Edit(
            "merge override",
            (*path, new),
            lambda editor: editor.set((*path, new), PROBE),
            lambda data: put(data[0], (*path, new), text_of(PROBE)),
            put_in,
        )


def _anchors_in_use(old: Judged, path: Path) -> bool:
    """Whether an alias elsewhere names what stands below `path`: its anchor moves."""
    inside = {id(node) for _, node in _places(old.node(path))}
    others = [v for k, v in old.node(path[:-1]).value if k.value != path[-1]]
    others += [v for k, v in old.root.value if len(path) > 1 and k.value != path[0]]
    return any(id(node) in inside for other in others for _, node in _places(other))


def _entry_edits(old: Judged, service: Path) -> Iterator[Edit]:
    for below in (("labels",), ("deploy", "labels"), ("environment",)):
        path = (*service, *below)
        node, kind = old.node(path), ".".join(below)
        if isinstance(node, yaml.SequenceNode) and node.value:
            yield _added(f"{kind} list", path, f"{NEW_KEY}=a b")
            yield from _list_edits(old, path, f"{kind} list")
        elif isinstance(node, yaml.MappingNode) and _keys(node):
            yield _added(f"{kind} mapping", path, "a b")
            for key in _sample(_keys(node), 2):
                if isinstance(old.node((*path, key)), yaml.ScalarNode):
                    yield from _pair_edits(old, path, key, f"{kind} mapping")


def _added(kind: str, path: Path, text: str) -> Edit:
    def expect(data: Any) -> None:
        holder = at(data[0], path)
        new = text_of(text)
        holder.append([text_of(NEW_KEY), new] if isinstance(holder, Pairs) else new)

    return Edit(
        f"{kind} add",
        path,
        lambda editor: set_entry(editor, path, NEW_KEY, "a b"),
        expect,
        addition(path),
    )


def _list_edits(old: Judged, path: Path, kind: str) -> Iterator[Edit]:
    items = old.node(path).value
    texts = [item.value for item in items if isinstance(item, yaml.ScalarNode)]
    keys = [text.partition("=")[0] for text in texts]
    if len(texts) < len(items):
        return
    for i in _sample(range(len(texts)), 2):
        if keys.count(keys[i]) == 1:
            yield from _item_edits(old, (*path, i), texts[i], kind)


def _item_edits(old: Judged, spot: Path, text: str, kind: str) -> Iterator[Edit]:
    path = spot[:-1]
    key, sign, value = text.partition("=")
    yield Edit(
        f"{kind} set",
        spot,
        lambda editor: set_entry(editor, path, key, PROBE),
        lambda data: put(data[0], spot, text_of(f"{key}={PROBE}")),
        replacement(spot),
    )
    yield Edit(
        f"{kind} rename",
        spot,
        lambda editor: rename_entry(editor, path, key, PROBE),
        lambda data: put(data[0], spot, text_of(PROBE + sign + value)),
        replacement(spot),
    )
    if gone := gone_with(old, spot):
        yield _entry_removed(path, key, gone, kind)


def _pair_edits(old: Judged, path: Path, key: str, kind: str) -> Iterator[Edit]:
    spot = (*path, key)
    yield Edit(
        f"{kind} set",
        spot,
        lambda editor: set_entry(editor, path, key, PROBE),
        lambda data: put(data[0], spot, text_of(PROBE)),
        replacement(spot),
    )
    yield Edit(
        f"{kind} rename",
        spot,
        lambda editor: rename_entry(editor, path, key, PROBE),
        lambda data: rekey(data[0], spot, PROBE),
        renaming(spot),
    )
    if gone := gone_with(old, spot):
        yield _entry_removed(path, key, gone, kind)


def _entry_removed(path: Path, key: str, gone: Path, kind: str) -> Edit:
    return Edit(
        f"{kind} remove",
        (*path, key),
        lambda editor: unset_entry(editor, path, key),
        lambda data: drop(data[0], gone),
        removal(gone),
    )


def _places(root: Any) -> Iterator[tuple[Path, Any]]:
    """Yield every value with its path, each node once: where an anchor stands, not its aliases."""
    todo: list[tuple[Path, Any]] = [((), root)]
    seen = set()
    while todo:
        path, node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        if isinstance(node, yaml.MappingNode):
            below = [
                ((*path, k.value), v)
                for k, v in node.value
                if isinstance(k, yaml.ScalarNode) and not _merge(k)
            ]
        else:
            items = node.value if isinstance(node, yaml.SequenceNode) else []
            below = [((*path, i), item) for i, item in enumerate(items)]
        todo += reversed(below)


def _sequence_edits(old: Judged, most: int) -> Iterator[Edit]:
    for flow in (False, True):
        found = [
            path
            for path, node in _places(old.root)
            if isinstance(node, yaml.SequenceNode) and bool(node.flow_style) == flow
        ]
        for path in _sample(found, most):
            kind = f"sequence {'flow' if flow else 'block'}"
            yield from _one_sequence(old, path, kind)
            for i in _sample(range(len(old.node(path).value)), most):
                if gone := gone_with(old, (*path, i)):
                    yield _item_removed((*path, i), gone, kind)


def _one_sequence(old: Judged, path: Path, kind: str) -> Iterator[Edit]:
    yield Edit(
        f"{kind} append",
        path,
        lambda editor: editor.append(path, NEW_ITEM),
        lambda data: at(data[0], path).append(text_of(NEW_ITEM)),
        addition(path),
        again="",
    )
    if old.node(path).value:
        yield Edit(
            f"{kind} insert first",
            path,
            lambda editor: editor.insert(path, 0, NEW_ITEM),
            lambda data: at(data[0], path).insert(0, text_of(NEW_ITEM)),
            put_in,
            again="",
        )


def _item_removed(spot: Path, gone: Path, kind: str) -> Edit:
    return Edit(
        f"{kind} remove",
        spot,
        lambda editor: editor.unset(spot),
        lambda data: drop(data[0], gone),
        removal(gone),
        again="",
    )


def _scalar_edits(old: Judged, most: int) -> Iterator[Edit]:
    for style, name in STYLES.items():
        found = [
            path
            for path, node in _places(old.root)
            if isinstance(node, yaml.ScalarNode) and (node.style or "") == style
        ]
        for path in _sample(found, most):
            yield Edit(
                f"scalar {name} replace",
                path,
                lambda editor, path=path: editor.set(path, PROBE),  # type: ignore[misc]
                lambda data, path=path: put(data[0], path, text_of(PROBE)),  # type: ignore[misc]
                replacement(path),
            )
