"""Every place of a recipe that names a service.

Structural ones are the Compose spec's own (`depends_on`, `links`, `network_mode: service:x`, …);
textual ones are host names in values, commands, hooks, config templates and docs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from patchkit.edit import dotenv
from patchkit.edit.yaml import Mapping, Scalar, Sequence
from patchkit.edit.yaml.nodes import walk
from patchkit.errors import Place, RecipeError
from patchkit.recipe.configs import configs
from patchkit.recipe.hostnames import Context, Form, Hit, find
from patchkit.recipe.model import ABRA_SH, ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Document, Node
    from patchkit.recipe.model import Recipe

_NAMING = {"depends_on", "links", "volumes_from", "extends"}
_MODES = {"network_mode", "pid", "ipc"}
_TEXTS = {
    "command": Context.COMMAND,
    "entrypoint": Context.COMMAND,
    "healthcheck": Context.COMMAND,
    "extra_hosts": Context.PROSE,
}
_HOOK = re.compile(r"hook$|\.command$", re.IGNORECASE)
# What a router or service of traefik is called, in a label's key and as a router's `.service`.
_OWN = r"(?:\$\{STACK_NAME\}[_-])?(?P<n>[\w-]+)"
_TRAEFIK_KEY = re.compile(rf"traefik\.\w+\.(?:routers|services)\.{_OWN}\.")
_TRAEFIK_VALUE = re.compile(rf"{_OWN}(?:@\w+)?$")
# Older recipes give each service a label with the version of its image.
_VERSION_KEY = re.compile(r"coop-cloud\.\$\{STACK_NAME\}\.(?P<n>[\w-]+)\.version$")
_COMMENT = re.compile(r"(?m)^[ \t]*#.*$")
_SCRIPTS = ("*.tmpl", "*.sh", "*.conf", "*.cnf", "*.ini", "*.cfg", "Caddyfile*", "*.toml", "*.js")
_LEFT_OUT = ("LICENSE*", "*.svg", "*.png", ".gitignore", "release/*")


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that names a service.

    Attributes:
        file: the recipe's file.
        start: where the name begins there, in characters.
        end: where it ends.
        kind: the Compose field; `comment`; `text` in a file that is no compose file.
        form: `field` where the Compose field can hold nothing but a service; else as `Hit`.
        place: for messages.
    """

    file: str
    start: int
    end: int
    kind: str
    form: Form | Literal["field"]
    place: Place

    @property
    def structural(self) -> bool:
        """Whether the field can hold nothing but a service."""
        return self.form == "field"

    @property
    def certain(self) -> bool:
        """Whether the name can only be the service."""
        return self.form != "word"


def references(recipe: Recipe, service: str) -> list[Reference]:
    """Return every place that names `service`, its own keys included, file by file."""
    found: list[Reference] = []
    for path in recipe.compose_paths:
        found += _Compose(recipe.document(path), path, service).all()
    for path in recipe.tree.paths():
        if path not in recipe.compose_paths and not _left_out(path):
            found += _in_text(recipe, path, service)
    unique = {(ref.file, ref.start): ref for ref in reversed(found)}
    return sorted(unique.values(), key=lambda ref: (ref.file, ref.start))


class _Compose:
    """The references within one compose file."""

    def __init__(self, document: Document, path: str, service: str) -> None:
        self.document = document
        self.path = path
        self.service = service

    def all(self) -> Iterator[Reference]:
        root = self.document.root
        for key, value in root.pairs if isinstance(root, Mapping) else []:
            name = key.value if isinstance(key, Scalar) else ""
            if name == "services" and isinstance(value, Mapping):
                for service, body in value.pairs:
                    if isinstance(service, Scalar) and service.value == self.service:
                        yield from self._at(service, 0, "service", "field")
                    yield from self._service(body)
            elif name.startswith("x-"):
                yield from self._extension(value)
        yield from self._comments()

    def _service(self, body: Node) -> Iterator[Reference]:
        if not isinstance(body, Mapping):
            return
        for key, value in body.pairs:
            yield from self._field(key.value if isinstance(key, Scalar) else "", value)

    def _field(self, field: str, value: Node) -> Iterator[Reference]:
        if field in _NAMING:
            yield from self._structural(field, value)
        elif field in _MODES:
            yield from self._mode(field, value)
        elif field == "networks":
            yield from self._aliases(value)
        elif field == "environment":
            yield from self._keyed(value, field)
        elif field in _TEXTS:
            yield from self._texts(value, field, _TEXTS[field])
        elif field == "labels":
            yield from self._labels(value)
        elif field == "deploy" and isinstance(value, Mapping):
            yield from self._labels(value.get("labels"))

    def _extension(self, value: Node) -> Iterator[Reference]:
        """An `x-` section holds parts of services: look for their fields, else for variables."""
        for node in walk(value):
            if isinstance(node, Mapping):
                yield from self._service(node)
                yield from self._keyed(node, "environment")
            elif isinstance(node, Sequence):
                yield from self._keyed(node, "environment")

    def _structural(self, field: str, value: Node) -> Iterator[Reference]:
        if field == "extends":
            named = value.get("service") if isinstance(value, Mapping) else value
            elsewhere = isinstance(value, Mapping) and value.get("file") is not None
            nodes = [] if elsewhere else [named]
        elif isinstance(value, Mapping):
            nodes = [key for key, _ in value.pairs]
        else:
            nodes = list(value.items) if isinstance(value, Sequence) else []
        for node in nodes:
            text = node.value if isinstance(node, Scalar) else ""
            if text.partition(":")[0] == self.service and isinstance(node, Scalar):
                yield from self._at(node, 0, field, "field")

    def _mode(self, field: str, value: Node) -> Iterator[Reference]:
        if isinstance(value, Scalar) and value.value == f"service:{self.service}":
            yield from self._at(value, len("service:"), field, "field")

    def _aliases(self, value: Node) -> Iterator[Reference]:
        for _, network in value.pairs if isinstance(value, Mapping) else []:
            aliases = network.get("aliases") if isinstance(network, Mapping) else None
            for alias in aliases.items if isinstance(aliases, Sequence) else []:
                if isinstance(alias, Scalar) and alias.value == self.service:
                    yield from self._at(alias, 0, "alias", "field")

    def _keyed(self, value: Node | None, kind: str) -> Iterator[Reference]:
        """Variables in list or mapping form."""
        if isinstance(value, Mapping):
            for key, node in value.pairs:
                if isinstance(key, Scalar) and isinstance(node, Scalar):
                    yield from self._hits(node, kind, Context.VALUE, key.value, 0)
        for item in value.items if isinstance(value, Sequence) else []:
            if isinstance(item, Scalar):
                name, equals, _ = item.value.partition("=")
                yield from self._hits(item, kind, Context.VALUE, name, len(name + equals))

    def _labels(self, value: Node | None) -> Iterator[Reference]:
        for key, key_node, node, offset in _label_entries(value):
            context = Context.COMMAND if _HOOK.search(key) else Context.PROSE
            yield from self._hits(node, "label", context, key, offset)
            yield from self._label_names(key, key_node, node, offset)

    def _label_names(
        self, key: str, key_node: Scalar, node: Scalar, offset: int
    ) -> Iterator[Reference]:
        """Routers and services of traefik that are called as the service, and its version."""
        if named := self._named(_TRAEFIK_KEY, key) or self._named(_VERSION_KEY, key):
            yield from self._at(key_node, named, "label", "field")
        text = node.value[offset:]
        if key.startswith("traefik.") and key.endswith(".service"):
            named = self._named(_TRAEFIK_VALUE, text)
            if named is not None:
                yield from self._at(node, named + offset, "label", "field")

    def _named(self, pattern: re.Pattern[str], text: str) -> int | None:
        match = pattern.match(text)
        return match.start("n") if match and match["n"] == self.service else None

    def _texts(self, value: Node | None, kind: str, context: Context) -> Iterator[Reference]:
        program = _program(kind, value) if context is Context.COMMAND else None
        for node in walk(value) if value else []:
            if isinstance(node, Scalar) and not (node is program and node.value == self.service):
                yield from self._hits(node, kind, context, "", 0)

    def _hits(
        self, node: Scalar, kind: str, context: Context, key: str, offset: int
    ) -> Iterator[Reference]:
        """Look at a scalar's value from `offset` on."""
        for hit in find(node.value[offset:], self.service, context, key):
            yield from self._at(node, hit.start + offset, kind, hit.form)

    def _at(
        self, node: Scalar, offset: int, kind: str, form: Form | Literal["field"]
    ) -> Iterator[Reference]:
        """Find the name that begins at `offset` of a scalar's value in the text itself.

        The raw text and the value hold the name equally often unless escapes spell it: then
        the place is the whole scalar, and not certain.
        """
        raw = self.document.text[node.body : node.end]
        name = re.escape(self.service)
        in_value = [m.start() for m in re.finditer(name, node.value)]
        in_raw = [m.start() for m in re.finditer(name, raw)]
        if len(in_value) == len(in_raw) and offset in in_value:
            start = node.body + in_raw[in_value.index(offset)]
        else:
            start, form = node.body, "word"
        yield Reference(
            file=self.path,
            start=start,
            end=start + len(self.service),
            kind=kind,
            form=form,
            place=self.document.place(start),
        )

    def _comments(self) -> Iterator[Reference]:
        text = self.document.text
        blocks = [
            (node.start, node.end)
            for node in (walk(self.document.root) if self.document.root else [])
            if isinstance(node, Scalar) and node.style in {"|", ">"}
        ]
        for line in _COMMENT.finditer(text):
            if any(start <= line.start() < end for start, end in blocks):
                continue
            for hit in find(line[0], self.service, Context.PROSE):
                start = line.start() + hit.start
                yield Reference(
                    file=self.path,
                    start=start,
                    end=start + len(self.service),
                    kind="comment",
                    form=hit.form,
                    place=self.document.place(start),
                )


def _program(field: str, value: Node | None) -> Node | None:
    """Return the word of a command that names the program, when it stands alone."""
    if field == "healthcheck":
        test = value.get("test") if isinstance(value, Mapping) else None
        return test.items[1] if isinstance(test, Sequence) and len(test.items) > 1 else None
    return value.items[0] if isinstance(value, Sequence) and value.items else value


def _label_entries(value: Node | None) -> Iterator[tuple[str, Scalar, Scalar, int]]:
    """Yield each label's key, the scalars of key and value, and where the value begins."""
    if isinstance(value, Mapping):
        for key, node in value.pairs:
            if isinstance(key, Scalar) and isinstance(node, Scalar):
                yield key.value, key, node, 0
    for item in value.items if isinstance(value, Sequence) else []:
        if isinstance(item, Scalar):
            name, equals, _ = item.value.partition("=")
            yield name, item, item, len(name + equals)


def _left_out(path: str) -> bool:
    # Release notes are history, and their commands name what a server still runs.
    return any(fnmatchcase(path, pattern) for pattern in _LEFT_OUT)


def _in_text(recipe: Recipe, path: str, service: str) -> Iterator[Reference]:
    try:
        text = recipe.tree.text(path)
    except RecipeError:
        return  # an image or another binary file names no service
    if path == ENV_SAMPLE:
        hits = _in_env_sample(text, service)
    else:
        hits = find(text, service, _context(recipe, path))
    for hit in hits:
        yield Reference(
            file=path,
            start=hit.start,
            end=hit.end,
            kind="text",
            form=hit.form,
            place=Place.at(path, text, hit.start),
        )


def _context(recipe: Recipe, path: str) -> Context:
    name = path.rpartition("/")[2]
    if path == ABRA_SH:
        return Context.COMMAND
    made = {config.file for config in configs(recipe).values()}
    if path in made or any(fnmatchcase(name, pattern) for pattern in _SCRIPTS):
        return Context.CONFIG
    return Context.PROSE


def _in_env_sample(text: str, service: str) -> list[Hit]:
    """Values by their variable; in the comments only what is certain."""
    found = {hit.start: hit for hit in find(text, service, Context.PROSE)}
    for entry in dotenv.entries(text):
        start, end = entry.span
        at = text.find(entry.value, text.find("=", start, end) + 1, end)
        for hit in find(entry.value, service, Context.VALUE, entry.name) if at >= 0 else []:
            moved = Hit(at + hit.start, at + hit.end, hit.form)
            found.setdefault(moved.start, moved)
    return sorted(found.values(), key=lambda hit: hit.start)
