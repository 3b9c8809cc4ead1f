"""The image of a service: the whole reference, or its tag alone.

References are `[host[:port]/]name[:tag][@digest]`, with Compose variables in any part:
https://github.com/distribution/reference.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, model_validator

from patchkit.draft import NoMatch
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.spec.fields import ScalarText, wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.yaml import Path

_TAG = re.compile(r"\w[\w.-]{0,127}(@[a-z0-9]+:[0-9a-f]{32,})?", re.ASCII)
_VARIABLE = re.compile(r"\$\{(?:[^{}]|\{[^{}]*\})*\}|\$\w+")


def _tag(value: str) -> str:
    if not _TAG.fullmatch(value):
        raise ValueError("expected a tag such as 1.22.3, or tag@sha256:…, without the image's name")
    return value


def _reference(value: str) -> str:
    if not re.fullmatch(r"\S+", value):
        raise ValueError("expected an image such as gitea/gitea:1.22, without blanks")
    return value


class ImageSet(OpModel):
    """Set the image of a service, or only its tag, in its quotes.

    The new tag takes the place of tag and digest. A tag that is written with a variable is
    refused: nobody could tell what the operator gets. An image that stands in several files
    is refused unless `file` says which one is meant.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    image: Annotated[str, AfterValidator(_reference)] | None = Field(
        default=None, description="The whole reference.", examples=["discourse/discourse:3.5.0"]
    )
    tag: Annotated[ScalarText, AfterValidator(_tag)] | None = Field(
        default=None, description="The new tag, or `tag@digest`.", examples=["0.4.219"]
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> ImageSet:
        if (self.image is None) == (self.tag is None):
            raise wrong_together('image.set needs either "image" or "tag"')
        return self


def image_set(draft: Draft, step: ImageSet) -> Changed | Unchanged:
    """Set the reference in the one file that has it."""
    path: Path = ("services", step.service, "image")
    file = draft.target(path, step.file, what=f"the image of {step.service}")
    old = _present(draft, file, path)
    new = step.image or _with_tag(draft, file, path, old, step.tag or "")
    if new == old:
        return Unchanged(f"{step.service} has the image {new} already")
    draft.edit_yaml(file, lambda editor: editor.set(path, new))
    return Changed(f"set the image of {step.service} to {new}")


def _present(draft: Draft, file: str, path: Path) -> str:
    files = draft.recipe.files_with(path)
    if file in files and (image := draft.recipe.data[file]["services"][path[1]]["image"]):
        return str(image)
    elsewhere = (
        f"it stands at {draft.spots(files, path)}" if files else "give the service one first"
    )
    raise NoMatch(
        f"{path[1]} has no image in {file}", place=draft.recipe.place(file, path), hint=elsewhere
    )


def _with_tag(draft: Draft, file: str, path: Path, image: str, tag: str) -> str:
    # A variable is one word, whatever stands in its braces.
    masked = _VARIABLE.sub(lambda match: "$" * len(match[0]), image)
    named = masked.partition("@")[0]
    last = named.rfind("/") + 1
    colon = named.find(":", last)
    end = len(named) if colon < 0 else colon
    start = last if end == len(image) else end
    if "$" in masked[start:]:
        defaults = [match[0] for match in _VARIABLE.finditer(image, start) if "-" in match[0]]
        other = f", or change the default in {defaults[0]} with text.replace" if defaults else ""
        raise EditRefused(
            f"the tag of {image} comes from a variable",
            place=draft.recipe.place(file, path),
            hint=f"give the whole reference with `image:`{other}",
        )
    return f"{image[:end]}:{tag}"


_APP = "services:\n  app:\n    image: "

OPS = {
    "set": Op(
        "image.set",
        ImageSet,
        image_set,
        Example(
            step="op: image.set\nservice: app\ntag: 0.4.219\n",
            before={"compose.yml": _APP + "example/pds:0.4 # moves\n"},
            after={"compose.yml": _APP + "example/pds:0.4.219 # moves\n"},
        ),
    ),
}
