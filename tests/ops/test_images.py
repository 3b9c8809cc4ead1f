"""image.set: the reference in its quotes, or only its tag where that is sure to be one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

DIGEST = "sha256:" + "0123456789abcdef" * 4


def compose(image: str) -> dict[str, str]:
    db = "services:\n  db:\n    image: b:1\n"
    return {"compose.yml": f"{db}  app:\n    image: {image}\n    tty: true\n"}


IMAGE = "op: image.set\nservice: app\nimage: "
TAG = "op: image.set\nservice: app\ntag: "


@pytest.mark.parametrize(
    ("image", "step"),
    [
        ("gitea/gitea:1.22", IMAGE + "gitea/gitea:1.22\n"),
        ('"gitea/gitea:1.22"', IMAGE + "gitea/gitea:1.22\n"),
        ("gitea/gitea:1.22", TAG + "1.22\n"),
        (f"'a:1@{DIGEST}' # pinned", TAG + f"1@{DIGEST}\n"),
    ],
)
def test_leaves_what_is_so(image, step, check_noop):
    check_noop(compose(image), step)


@pytest.mark.parametrize(
    ("image", "step", "expected"),
    [
        pytest.param("a:1", IMAGE + "b/c:2\n", "b/c:2", id="whole"),
        pytest.param("'a:1' # old", IMAGE + "b/c:2\n", "'b/c:2' # old", id="single quotes"),
        pytest.param('"a:1"', IMAGE + "b/c:2\n", '"b/c:2"', id="double quotes"),
        pytest.param("${X:-a}:${Y:-1}", IMAGE + "b:2\n", "b:2", id="whole over variables"),
        pytest.param("a", IMAGE + '"${X:-a}:2"\n', "${X:-a}:2", id="whole with a variable"),
        pytest.param("a:1", TAG + "1.10\n", "a:1.10", id="tag that YAML reads as a number"),
        pytest.param("a", TAG + "'2'\n", "a:2", id="no tag yet"),
        pytest.param("host:5000/a/b", TAG + "'2'\n", "host:5000/a/b:2", id="a port is no tag"),
        pytest.param(f"a:1@{DIGEST}", TAG + "'2'\n", "a:2", id="the digest was the old tag's"),
        pytest.param(f"a@{DIGEST}", TAG + "'2'\n", "a:2", id="digest alone"),
        pytest.param("a:1", TAG + f"2@{DIGEST}\n", f"a:2@{DIGEST}", id="tag and digest"),
        pytest.param("${REPO:-a/b}:1", TAG + "'2'\n", "${REPO:-a/b}:2", id="variable name"),
        pytest.param("${HOST:-h:5000}/a:1", TAG + "'2'\n", "${HOST:-h:5000}/a:2", id="host"),
        pytest.param("${HOST:-h}/a", TAG + "'2'\n", "${HOST:-h}/a:2", id="host, no tag yet"),
    ],
)
def test_sets_it(image, step, expected, check_changed):
    check_changed(compose(image), step, compose(expected))


@pytest.mark.parametrize(
    "image",
    ["a:${TAG:-1}", "a:1-${ARCH:-amd64}", "a:$TAG", "${IMAGE:-a:1}", "$IMAGE", "a@${D}", "a:1@$D"],
)
def test_refuses_a_tag_that_comes_from_a_variable(image, check_refused):
    check_refused(
        compose(image),
        TAG + "'2'\n",
        f"the tag of {image} comes from a variable",
        "`image:`",
        at="compose.yml:5",
    )


@pytest.mark.parametrize(
    ("image", "default"),
    [
        ("${HUB:-a/b}:${TAG:-1.0}-${ARCH:-amd64}", "${TAG:-1.0}"),
        ("${IMAGE:-a:1}", "${IMAGE:-a:1}"),
        ("a:1@${DIGEST-sha256:0}", "${DIGEST-sha256:0}"),
    ],
)
def test_refusal_names_the_default_to_change(image, default, check_refused):
    check_refused(compose(image), TAG + "'2'\n", f"or change the default in {default} with text")


def test_refusal_names_no_default_where_there_is_none(check_refused):
    refused = check_refused(compose("a:$TAG"), TAG + "'2'\n")
    assert refused.problem.hint == "give the whole reference with `image:`"


def test_changes_the_overlay_that_has_it(check_changed):
    base, overlay = "services:\n  app:\n    tty: true\n", "services:\n  app:\n    image: a:1"
    check_changed(
        {"compose.yml": base, "compose.x.yml": overlay},
        TAG + "'2'\n",
        {"compose.x.yml": overlay.replace("a:1", "a:2")},
    )


def test_of_several_files_the_spec_names_one(check_refused, check_changed):
    files = compose("a:1") | {"compose.x.yml": "services:\r\n  app:\r\n    image: a:2\r\n"}
    check_refused(files, TAG + "'3'\n", "compose.yml:5, compose.x.yml:3", "`file:`")
    check_changed(
        files,
        TAG + "'3'\nfile: compose.x.yml\n",
        {"compose.x.yml": "services:\r\n  app:\r\n    image: a:3\r\n"},
    )


def test_a_service_without_an_image(check_refused, check_noop):
    files = {"compose.yml": "services:\n  app:\n    image:\n    build: .\n"}
    check_refused(files, TAG + "'2'\n", "app has no image in compose.yml", at="compose.yml:3")
    check_noop(files, TAG + "'2'\noptional: true\n")
    files = compose("a:1") | {"compose.x.yml": "services:\n  app:\n    tty: true\n"}
    check_refused(files, TAG + "'2'\nfile: compose.x.yml\n", "it stands at compose.yml:5")


ANCHORED = "services:\n  app:\n    image: &image a:1\n  worker:\n    image: *image\n"


def test_an_anchor_that_others_use_is_refused_unless_the_spec_has_settled_it(
    check_refused, check_changed
):
    check_refused(
        {"compose.yml": ANCHORED}, TAG + "'2'\n", "&image", "on_alias", at="compose.yml:3"
    )
    check_changed(
        {"compose.yml": ANCHORED},
        TAG + "'2'\non_alias: edit-anchor\n",
        {"compose.yml": ANCHORED.replace("a:1", "a:2")},
    )


def test_an_alias_is_written_out_and_the_others_stay(check_changed):
    check_changed(
        {"compose.yml": ANCHORED},
        TAG.replace("app", "worker") + "'2'\n",
        {"compose.yml": ANCHORED.replace("*image", "a:2")},
    )


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (TAG + "gitea:1.22\n", "expected a tag such as"),
        (TAG + "'1 2'\n", "expected a tag such as"),
        (IMAGE + "a b\n", "without blanks"),
        (IMAGE + "a:1\ntag: b\n", 'needs either "image" or "tag"'),
        ("op: image.set\nservice: app\n", 'needs either "image" or "tag"'),
    ],
)
def test_refuses_what_is_no_reference(step, words, make):
    with pytest.raises(ValidationError, match=words):
        make(compose("a:1"), step)
