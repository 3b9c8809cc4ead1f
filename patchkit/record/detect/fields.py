"""Fields of services: images, healthchecks, and any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.paths import dotted
from patchkit.record.candidate import HEALTHCHECK, Candidate, with_files
from patchkit.record.detect.values import differences, styled_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Case, Step
    from patchkit.record.detect.values import Difference

_KEYED = {"labels", "environment"}


def changed_images(case: Case) -> Iterator[Candidate]:
    """Other images, or the same with another tag."""
    for file, service in _places(case):
        old, new = (part.get("image") for part in case.bodies(file, service))
        if not isinstance(old, str) or not isinstance(new, str) or old == new:
            continue
        step: Step = {"op": "image.set", "service": service}
        name, tag = _split(new)
        wanted = [{"tag": tag}] if tag and name == _split(old)[0] else []
        for what in (*wanted, {"image": new}):
            for each in with_files(step | what, [file]):
                yield Candidate(each)


def _split(image: str) -> tuple[str, str]:
    """Return name and tag (with a digest) of an image."""
    start = image.rfind("/", 0, image.find("@") if "@" in image else None) + 1
    for mark in ":@":
        if (at := image.find(mark, start)) >= 0:
            return image[:at], image[at + 1 :] if mark == ":" else ""
    return image, ""


def changed_healthchecks(case: Case) -> Iterator[Candidate]:
    """Healthchecks with other keys, and new ones."""
    for file, service in _places(case):
        old, new = (_mapping(part.get("healthcheck")) for part in case.bodies(file, service))
        keys = [key for key in HEALTHCHECK if key in new and old.get(key) != new[key]]
        at = ("services", service, "healthcheck")
        given = {key: styled_at(case.goal.document(file), (*at, key))[1] for key in keys}
        if keys and None not in given.values():
            step: Step = {"op": "healthcheck.set", "service": service}
            for each in with_files(step | given, [file]):
                yield Candidate(each)


def set_fields(case: Case) -> Iterator[Candidate]:
    """Other fields with another value, and new ones."""
    for file, service in _places(case):
        document = case.goal.document(file)
        values: dict[str, Any] = {}
        for found in _differences(case, file, service):
            there, value = styled_at(document, ("services", service, *found.path))
            if found.has and there:
                values[dotted(found.path)] = value
        yield from _each({"op": "service.set", "service": service}, values, file)


def _each(step: Step, values: dict[str, Any], file: str) -> Iterator[Candidate]:
    some = [values] if values else []
    some += [{name: value} for name, value in values.items() if len(values) > 1]
    for part in some:
        for each in with_files(step | {"fields": part}, [file]):
            yield Candidate(each)


def unset_fields(case: Case) -> Iterator[Candidate]:
    """Fields that are gone."""
    for file, service in _places(case):
        gone = [dotted(d.path) for d in _differences(case, file, service) if not d.has]
        some = [gone] if gone else []
        some += [[name] for name in gone if len(gone) > 1]
        for part in some:
            step: Step = {"op": "service.unset", "service": service, "fields": part}
            for each in with_files(step, [file]):
                yield Candidate(each)


def _differences(case: Case, file: str, service: str) -> list[Difference]:
    """Return where a service differs, but for what has ops of its own."""
    return [
        found
        for found in differences(*case.bodies(file, service))
        if found.path and not _KEYED & set(map(str, found.path)) and not found.is_inside_list
    ]


def _places(case: Case) -> Iterator[tuple[str, str]]:
    """Yield compose file and name of the services of both sides that differ there."""
    for file in case.compose_paths:
        for service in case.services:
            old, new = case.bodies(file, service)
            if old and new and old != new:
                yield file, service


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
