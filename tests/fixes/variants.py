"""Recipes that nobody has seen: samples rewritten as text, and read back without patchkit.

A variant takes the files of a recipe, `{path: text}`, and returns those of another one.
"""

from __future__ import annotations

import difflib
import functools
import json
import os
import re
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import ClassVar

import yaml

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "tests" / "recipes"
COMPOSE = "compose*.yml"
BASE = "compose.yml"


@functools.cache
def _sample(name):
    folder = RECIPES / name
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().decode() for path in paths}


def sample(name):
    """Return the files of a sample as text."""
    return dict(_sample(name))


# --- variants -----------------------------------------------------------------------------------


def then(*variants):
    """Return the variant that is made by several in turn."""
    return lambda files: functools.reduce(lambda done, variant: variant(done), variants, files)


def same(files):
    return files


def each(pattern):
    """Make a variant of a function from text to text, for every file whose path matches."""

    def decorate(change):
        return lambda files: {
            path: change(text) if fnmatchcase(path, pattern) else text
            for path, text in files.items()
        }

    return decorate


def replaced(path, *pairs):
    """Replace literal texts, each of which must be there."""

    def variant(files):
        text = files[path]
        for old, new in pairs:
            assert old in text, f"{path} has no {old!r}"
            text = text.replace(old, new)
        return files | {path: text}

    return variant


def resub(pattern, *pairs):
    """Replace by regular expressions in every file that matches; each must fit somewhere."""

    def variant(files):
        files = dict(files)
        for expression, new in pairs:
            changed = {
                path: re.sub(expression, new, text, flags=re.MULTILINE)
                for path, text in files.items()
                if fnmatchcase(path, pattern)
            }
            assert any(files[path] != text for path, text in changed.items()), expression
            files |= changed
        return files

    return variant


def added(path, text):
    """Add a file, which must be new."""

    def variant(files):
        assert path not in files
        return files | {path: text}

    return variant


def moved(old, new, *, mentioned_in=COMPOSE):
    """Give a file another path, where compose files name it as well."""

    def variant(files):
        named = resub(mentioned_in, (rf"(?<![\w./]){re.escape(old)}(?![\w.])", new))(files)
        return {new if path == old else path: text for path, text in named.items()}

    return variant


def without(*patterns):
    """Leave out files; each pattern must match one."""

    def variant(files):
        gone = {path for path in files for pattern in patterns if fnmatchcase(path, pattern)}
        assert gone
        return {path: text for path, text in files.items() if path not in gone}

    return variant


def crlf(pattern):
    return each(pattern)(lambda text: text.replace("\n", "\r\n"))


def bom(pattern):
    return each(pattern)(lambda text: "\ufeff" + text)


def no_final_newline(pattern):
    return each(pattern)(lambda text: text.rstrip("\n"))


@each(COMPOSE)
def four_spaces(text):
    """Indent by four; what stands beside a dash stays below it."""
    return "".join(map(_wider, text.splitlines(keepends=True)))


def _wider(line):
    indent, rest = re.match(r"( *)(.*)", line, re.DOTALL).groups()
    return indent * 2 + re.sub(r"\A- (?=[\w\"']+:(?:\s|\Z))", "-   ", rest)


@each(COMPOSE)
def commented(text):
    """Put a comment above every line, and one behind those that can have it."""
    lines, block = [], None
    for number, line in enumerate(text.splitlines(keepends=True)):
        indent, rest = re.match(r"( *)(.*)", line, re.DOTALL).groups()
        block = None if rest.strip() and block is not None and len(indent) <= block else block
        if block is None and re.search(r": [>|][-+]?$", line.rstrip()):
            lines.append(f"{indent}# above {number}\n")
            block = len(indent)
        elif block is None and rest.strip() and not rest.startswith("#"):
            lines.append(f"{indent}# above {number}\n{line.rstrip()} # beside {number}\n")
            continue
        lines.append(line)
    return "".join(lines)


@each(COMPOSE)
def labels_as_mapping(text):
    return _paired(text, "labels")


@each(COMPOSE)
def environment_as_mapping(text):
    return _paired(text, "environment")


def _paired(text, field):
    """Write a list of `KEY=value` as `KEY: "value"` pairs, line by line."""
    lines, inside = [], None
    for line in text.splitlines(keepends=True):
        indent, rest = re.match(r"( *)(.*)", line, re.DOTALL).groups()
        if inside is not None and rest.strip() and not rest.startswith(("- ", "#")):
            inside = None
        if inside is not None and rest.strip():
            lines.append(" " * (inside + 2) + (_pair(rest) if rest.startswith("- ") else rest))
        else:
            lines.append(line)
        if rest.rstrip() == f"{field}:":
            inside = len(indent)
    return "".join(lines)


def _pair(item):
    key, equals, value = yaml.safe_load(item)[0].partition("=")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{_key(key)}: "{quoted}"\n' if equals else f"{_key(key)}:\n"


def _key(key):
    return f'"{key}"' if "`" in key else key


def unquoted_items(text):
    return re.sub(r"^( *- )([\"'])([^\"'\n]*)\2$", _bare, text, flags=re.MULTILINE)


def _bare(match):
    try:
        fits = yaml.safe_load(match[3]) == match[3]
    except yaml.YAMLError:
        fits = False
    return match[1] + match[3] if fits else match[0]


def quoted_items(text, quote="'"):
    return re.sub(
        r"^( *- )(?![\"'&*{\[>|])([^\n#:]*?=[^\n'\"\\]*)$",
        rf"\g<1>{quote}\g<2>{quote}",
        text,
        flags=re.MULTILINE,
    )


class Plain(str):
    """A scalar that stood without quotes."""

    __slots__ = ()


class Texts(yaml.CSafeLoader):
    """Reads every scalar as the text it is; merge keys are followed."""

    yaml_implicit_resolvers: ClassVar = {"<": [("tag:yaml.org,2002:merge", re.compile("^<<$"))]}


def _scalar(loader, node):
    return node.value if node.style else Plain("" if node.value in {"null", "~"} else node.value)


Texts.add_constructor("tag:yaml.org,2002:str", _scalar)


class Dumper(yaml.SafeDumper):
    """Writes what stood without quotes so again, and no anchors."""

    sequences = True

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, indentless and not self.sequences)

    def ignore_aliases(self, _):
        return True


def _plain(dumper, text):
    tag = dumper.resolve(yaml.ScalarNode, str(text), (True, False))
    return yaml.ScalarNode(tag, str(text))


Dumper.add_representer(Plain, _plain)


class Unindented(Dumper):
    sequences = False


def dumped(change=lambda path, data: data, *, indent=2, dumper=Dumper, pattern=COMPOSE):
    """Write compose files anew with PyYAML, without comments, anchors and quotes of the sample."""

    def written(path, text):
        data = change(path, yaml.load(text, Texts))
        return yaml.dump(data, Dumper=dumper, indent=indent, sort_keys=False, width=10_000)

    return lambda files: {
        path: written(path, text) if fnmatchcase(path, pattern) else text
        for path, text in files.items()
    }


def services_reversed(path, data):
    return data | {"services": dict(reversed((data.get("services") or {}).items()))}


def sections_reversed(path, data):
    return dict(reversed(data.items()))


def fields_reversed(path, data):
    services = (data.get("services") or {}).items()
    return data | {"services": {name: dict(reversed(body.items())) for name, body in services}}


def in_every_service(change):
    """Return a change of data from one of a service's body."""

    def variant(path, data):
        services = (data.get("services") or {}).items()
        return data | {"services": {name: change(dict(body)) for name, body in services}}

    return variant


def short_configs(body):
    """Write mounts that need no long syntax in the short one."""
    if "configs" in body:
        body["configs"] = [
            e["source"] if e.get("target") == f"/{e['source']}" and len(e) == 2 else e
            for e in body["configs"]
        ]
    return body


def long_volumes(body):
    if "volumes" in body:
        body["volumes"] = [_long_volume(entry) for entry in body["volumes"]]
    return body


def _long_volume(entry):
    if isinstance(entry, dict):
        return entry
    if ":" not in entry:
        return {"type": "volume", "target": entry}
    source, target, *options = entry.split(":")
    return {"type": "volume", "source": source, "target": target} | (
        {"read_only": "true"} if options == ["ro"] else {}
    )


def long_secrets(body):
    if "secrets" in body:
        body["secrets"] = [{"source": e} if isinstance(e, str) else e for e in body["secrets"]]
    return body


def as_lists(body):
    """Write environment and labels as lists."""
    for holder, field in ((body, "environment"), (body.get("deploy", {}), "labels")):
        if isinstance(holder.get(field), dict):
            holder[field] = [f"{k}={v}" if v != "" else k for k, v in holder[field].items()]
    return body


def as_mappings(body):
    for holder, field in ((body, "environment"), (body.get("deploy", {}), "labels")):
        if isinstance(holder.get(field), list):
            pairs = [entry.partition("=") for entry in holder[field]]
            holder[field] = {key: value if sign else None for key, sign, value in pairs}
    return body


# --- what a recipe says -------------------------------------------------------------------------


def view(files):
    """Return each compose file as data in one form, so that only meaning is compared."""
    return {path: _uniform(text) for path, text in files.items() if fnmatchcase(path, COMPOSE)}


def _uniform(text):
    data = yaml.load(text.removeprefix("\ufeff"), Texts) or {}
    services = data.get("services") or {}
    data["services"] = {name: _service(body or {}) for name, body in services.items()}
    # What an alias gives is a value of its own then.
    return json.loads(json.dumps(data))


def _service(body):
    body = {key: value for key, value in body.items() if value != ""}
    deploy = body.get("deploy") or {}
    for holder, field in ((body, "environment"), (body, "labels"), (deploy, "labels")):
        if isinstance(holder.get(field), list):
            pairs = [entry.partition("=") for entry in holder[field]]
            holder[field] = {key: value for key, _, value in pairs}
        elif field in holder:
            holder[field] = holder[field] or {}
    for field in ("configs", "secrets"):
        if field in body:
            body[field] = [{"source": e} if isinstance(e, str) else e for e in body[field]]
    if "volumes" in body:
        body["volumes"] = [_long_volume(entry) for entry in body["volumes"]]
    if isinstance(body.get("networks"), list):
        body["networks"] = dict.fromkeys(body["networks"], "")
    return body


def labels(service):
    """Return the deploy labels of a service of a view, to be read or changed."""
    return service.setdefault("deploy", {}).setdefault("labels", {})


def pruned(value):
    """Return data without what is empty."""
    if isinstance(value, dict):
        kept = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in ({}, [], None)}
    return [pruned(item) for item in value] if isinstance(value, list) else value


# --- what became of it --------------------------------------------------------------------------


def changed_lines(before, after):
    """Return the lines of a text that are gone, and those that are new."""
    if before == after:
        return [], []
    old, new = before.splitlines(), after.splitlines()
    made = [line for line in difflib.unified_diff(old, new, n=0) if line[:3] not in {"---", "+++"}]
    gone = [line[1:] for line in made if line.startswith("-")]
    return gone, [line[1:] for line in made if line.startswith("+")]


def check_style(before, after):
    """Check line endings, byte order marks and last newlines of the files that both have."""
    for path in before.keys() & after.keys():
        old, new = before[path], after[path]
        assert new.startswith("\ufeff") == old.startswith("\ufeff"), path
        assert new.count("\ufeff") == old.count("\ufeff"), path
        if "\r\n" in old:
            assert new.count("\n") == new.count("\r\n"), path
        else:
            assert "\r" not in new, path
        assert not re.search(r"[ \t]\r?$", new, re.MULTILINE) or re.search(
            r"[ \t]\r?$", old, re.MULTILINE
        ), path


_read = set()


def check_docker(files, folder):
    """Check that Docker reads all compose files, and that each service has an image.

    What says the same as another recipe is not asked twice: PyYAML has read it.
    """
    compose = {path: text for path, text in files.items() if fnmatchcase(path, COMPOSE)}
    meaning = json.dumps(view(files), sort_keys=True)
    if shutil.which("docker") is None or meaning in _read:
        return
    _read.add(meaning)
    for path, text in compose.items():
        (folder / path).write_bytes(text.encode())
    names = set(re.findall(r"\$\{?([A-Z_]+)", "".join(compose.values())))
    order = sorted(compose, key=lambda path: (path != BASE, path))
    done = subprocess.run(
        ["docker", "stack", "config", *(arg for path in order for arg in ("-c", path))],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **dict.fromkeys(names, "v1")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stack = yaml.load(done.stdout, yaml.CSafeLoader)
    for name, body in stack["services"].items():
        assert body.get("image"), f"{name} has no image"
        for section in ("configs", "secrets", "volumes"):
            for entry in body.get(section, []):
                if entry.get("type", "volume") == "volume":
                    assert entry["source"] in stack.get(section, {}), (name, section, entry)
