"""Rules about images: abra's R003, R004, R005, and tags that move."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from patchkit.edit.yaml import Scalar
from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe.images import Image, read_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.errors import Place
    from patchkit.lint.subject import Subject

_SEMVER = re.compile(r"v?\d+(?:\.\d+){0,2}(?:[-+][\w.+-]+)?")


class _Used(NamedTuple):
    service: str
    image: Image
    place: Place


@rule("untagged-image", Severity.WARN, ref="R003", cure="image.set")
def untagged_image(subject: Subject) -> Iterator[Hit]:
    """An image has no tag.

    Why: each deploy takes whatever is newest: two operators of one recipe run two programs.

    Bad:
        image: caddy

    Good:
        image: caddy:2.10.0-alpine

    Fix: write the tag of the version that was tested.
    """
    for service, image, place in _images(subject):
        if not image.tag and not image.pinned:
            yield Hit(place, f"the image {image.name} of {service} has no tag")


@rule("unstable-tag", Severity.WARN, ref="R004", cure="image.set")
def unstable_tag(subject: Subject) -> Iterator[Hit]:
    """An image has the tag `latest`, or none, which means the same.

    Why: an upgrade cannot be told from a restart, and there is no way back to what ran before.

    Bad:
        image: redis:latest

    Good:
        image: redis:7.4.5-alpine

    Fix: write the tag of the version that was tested.
    """
    for service, image, place in _images(subject):
        if image.tag in ("", "latest"):
            yield Hit(place, f"the image {image.name} of {service} is the latest one")


@rule("odd-image-tag", Severity.WARN, ref="R005", cure="image.set")
def odd_image_tag(subject: Subject) -> Iterator[Hit]:
    """An image's tag is nothing like a semantic version.

    Why: `abra recipe upgrade` compares tags as versions and offers nothing for this one.

    Bad:
        image: minio/minio:RELEASE.2025-09-07T16-13-09Z

    Good:
        image: gitea/gitea:1.24.6-rootless

    Fix: choose a tag with a version in it, when the image has one.
    """
    for service, image, place in _images(subject):
        if not _SEMVER.fullmatch(image.tag):
            said = f"the tag {image.tag}" if image.tag else "no tag"
            yield Hit(place, f"the image {image.name} of {service} has {said}")


@rule("moving-image-tag", Severity.WARN, cure="image.set")
def moving_image_tag(subject: Subject) -> Iterator[Hit]:
    """A tag names a series of releases, and moves with every new one.

    Why: a release that was published again under the same tag breaks every version of the
    recipe at once, also those that operators run already.

    Bad:
        image: bluesky-social/pds:0.4

    Good:
        image: bluesky-social/pds:0.4.204

    Fix: write the whole version. When the image's versions have no third part, say so:
    `# patchkit: allow moving-image-tag its versions have two parts`.
    """
    for _, image, place in _images(subject):
        if image.tag and image.moves:
            yield Hit(place, f"the tag {image.tag} of {image.name} moves with new releases")


def _images(subject: Subject) -> Iterator[_Used]:
    """Yield every image that a compose file names, with its tag; unknown variables have none."""
    for part in subject.services:
        node = part.field("image")
        if isinstance(node, Scalar) and node.value:
            yield _Used(part.name, read_image(node.value), part.at(node))
