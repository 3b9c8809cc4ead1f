"""What services use of the top level: configs, secrets, volumes, and names on networks."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from patchkit.draft.sections import definitions
from patchkit.draft.uses import uses
from patchkit.edit import dotenv
from patchkit.recipe.configs import configs, exports, version_variable
from patchkit.recipe.forms import as_mapping, mounts, networks
from patchkit.recipe.model import ENV_SAMPLE
from patchkit.record.candidate import Candidate, with_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.draft.uses import Kind, Use
    from patchkit.record.candidate import Case, Step

_LENGTH = 12


def moved_secrets(case: Case) -> Iterator[Candidate]:
    """Secrets that another service uses now."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for use in _gone(case, "secrets"):
        for other in _new(case, "secrets"):
            if other.source == use.source:
                names = pairs.setdefault((use.service, other.service), [])
                names += [use.source] if use.source not in names else []
    for (service, to), names in pairs.items():
        step: Step = {"op": "secret.move", "service": service, "to": to}
        if len(names) > 1:
            yield Candidate(step | {"names": names})
        for name in names:
            yield Candidate(step | {"name": name})


def removed_uses(case: Case) -> Iterator[Candidate]:
    """Configs, secrets and volumes that services use no more."""
    for kind, op in (("configs", "config"), ("secrets", "secret")):
        gone = _gone(case, kind)  # type: ignore[arg-type]
        for name in dict.fromkeys((*(use.source for use in gone), *_undefined(case, kind))):
            step: Step = {"op": f"{op}.remove", "name": name}
            yield Candidate(step)
            for service in dict.fromkeys(use.service for use in gone if use.source == name):
                yield Candidate(step | {"service": service})
    for use in _gone(case, "volumes"):
        step = {"op": "volume.remove", "service": use.service}
        if use.source in case.now.section("volumes"):
            yield Candidate(step | {"name": use.source})
        yield Candidate(step | {"at": use.target})


def _undefined(case: Case, kind: str) -> list[str]:
    """Return the entries of the top level that are gone."""
    return [name for name in case.now.section(kind) if name not in case.goal.section(kind)]


def retargeted_configs(case: Case) -> Iterator[Candidate]:
    """Configs that are mounted at another path."""
    old = {(u.file, u.service, u.source): u.target for u in _of(case, "configs", new=False)}
    for use in _of(case, "configs", new=True):
        was = old.get((use.file, use.service, use.source), use.target)
        if was != use.target:
            step: Step = {"op": "config.retarget", "service": use.service, "name": use.source}
            yield Candidate(step | {"to": use.target})
            yield Candidate(step | {"at": was, "to": use.target})


def added_configs(case: Case) -> Iterator[Candidate]:
    """Configs that services use newly, with their files."""
    for use in _new(case, "configs"):
        step: Step = {"op": "config.add", "service": use.service, "name": use.source}
        step["target"] = use.target
        known = definitions(case.goal, "configs", use.source)
        body = next(iter(known.values()), {})
        if isinstance(file := body.get("file"), str):
            path = posixpath.normpath(file)
            step["file"] = path
            if path in case.goal.tree and path not in case.now.tree:
                step["text"] = case.goal.tree.text(path)
        if isinstance(use.entry, dict) and isinstance(mode := use.entry.get("mode"), int):
            step["mode"] = f"{mode:04o}"
        if body.get("template_driver") == "golang":
            step["template_driver"] = "golang"
        for each in with_files(step, [use.file], "compose_file"):
            yield Candidate(each)


def versioned_configs(case: Case) -> Iterator[Candidate]:
    """Configs whose name carries a version newly."""
    old, exported = configs(case.now), exports(case.goal)
    for key, config in configs(case.goal).items():
        if config.variable and key in old and old[key].variable is None:
            step: Step = {"op": "config.version", "name": key}
            version = exported.get(config.variable, "v1")
            yield Candidate(step | ({} if version == "v1" else {"version": version}))


def added_secrets(case: Case) -> Iterator[Candidate]:
    """Secrets that services use newly, with their versions and the variables of their paths."""
    for use in _new(case, "secrets"):
        step: Step = {"op": "secret.add", "service": use.service, "name": use.source}
        if length := _length(case, use.source):
            step["length"] = length
        if use.target != posixpath.join("/run/secrets", use.source):
            step["target"] = use.target.removeprefix("/run/secrets/")
        if len(use.source) > _LENGTH:
            step["allow_long"] = True
        for variable in (*_variables(case, use), None):
            more = {"environment": variable} if variable else {}
            for each in with_files(step | more, [use.file], "compose_file"):
                yield Candidate(each)


def _length(case: Case, name: str) -> int | None:
    """Return how many characters the version of a secret asks abra for."""
    if ENV_SAMPLE not in case.goal.tree:
        return None
    variable = f"SECRET_{version_variable(name)}"
    for entry in dotenv.entries(case.goal.tree.text(ENV_SAMPLE)):
        key, _, number = (entry.comment or "").partition("=")
        if entry.name == variable and key.strip() == "length" and number.strip().isdecimal():
            return int(number)
    return None


def _variables(case: Case, use: Use) -> list[str]:
    """Return the new variables of a service that hold the path of a secret."""
    old, new = (
        as_mapping(recipe.services.get(use.service, {}).get("environment"))
        for recipe in (case.now, case.goal)
    )
    return [name for name, value in new.items() if name not in old and value == use.target]


def added_volumes(case: Case) -> Iterator[Candidate]:
    """Volumes that services mount newly."""
    for use in _new(case, "volumes"):
        mount = mounts({"volumes": [use.entry]})[0]
        if mount.type == "volume" and use.source:
            step: Step = {"op": "volume.add", "service": use.service, "name": use.source}
            step["target"] = use.target
            if mount.read_only:
                step["read_only"] = True
            for each in with_files(step, [use.file], "compose_file"):
                yield Candidate(each)


def added_aliases(case: Case) -> Iterator[Candidate]:
    """Names that services answer to newly on their networks."""
    for service in case.services:
        old, new = (networks(recipe.services[service]) for recipe in (case.now, case.goal))
        for network, names in new.items():
            for name in [name for name in names if name not in old.get(network, ())]:
                step: Step = {"op": "network.alias", "service": service}
                step |= {"network": network, "alias": name}
                for each in (step | {"hosts": True}, *with_files(step, case.compose_paths)):
                    yield Candidate(each)


def _gone(case: Case, kind: Kind) -> list[Use]:
    return _only(_of(case, kind, new=False), _of(case, kind, new=True))


def _new(case: Case, kind: Kind) -> list[Use]:
    return _only(_of(case, kind, new=True), _of(case, kind, new=False))


def _of(case: Case, kind: Kind, *, new: bool) -> list[Use]:
    """Return the uses in services that both sides have."""
    found = uses(case.goal if new else case.now, kind)
    return [use for use in found if use.service in case.services]


def _only(some: list[Use], others: list[Use]) -> list[Use]:
    def key(use: Use) -> tuple[str, ...]:
        target = use.target if use.kind == "volumes" else ""
        return use.file, use.service, use.source, target

    there = set(map(key, others))
    return [use for use in some if key(use) not in there]
