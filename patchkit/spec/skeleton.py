"""The fix specs that `patchkit new` writes: valid as they are, every key explained."""

from __future__ import annotations

_HEAD = """\
# yaml-language-server: $schema=schema.json
# Every key is explained by `patchkit schema`, every op by `patchkit explain OP`.
id: {id}
title: Say here in one line what the fix does
{kind}: {name}
# alternative: other-fix   # this fix cures the same as that one, and is used only when named
# with: [another-fix]      # fixes that belong together with this one

why: |
  Say here what goes wrong without the fix.

evidence:
  - Say here where it was seen. Versions, logs and links help.

"""
_RECIPE = """\
# Values for the templates below: a default, or where to find them in the recipe.
params:
  service:
    find: service
    name: app
    description: The service that the label is for.
  timeout: "300"

# What must hold before the fix, or the recipe has drifted.
expects:
  - service: "{{{{ service }}}}"
    because: The label needs a service to stand on.

# The edits, in order.
ops:
  - op: labels.set
    service: "{{{{ service }}}}"
    labels:
      coop-cloud.${{STACK_NAME}}.timeout: "{{{{ timeout }}}}"

# What must hold afterwards, of all compose files merged.
ensures:
  - service: "{{{{ service }}}}"
    label: coop-cloud.${{STACK_NAME}}.timeout
    value: "{{{{ timeout }}}}"

# Lint rules that the fix may break.
# allow:
#   - rule: R005
#     reason: The app has no tags of the form that the rule wants.

pr:
  body:
    - Say here what an operator has to know.
  comment: "!testme"

version: leave   # or patch, minor, major: the part of the recipe's version that is raised
"""

_REPOSITORY = """\
# Values for the templates below: a default, or a file to find by a text in it.
params:
  file:
    find: file
    text: "ATTEMPTS ="   # in one file alone, or the fix has drifted
    description: The file that the fix edits.
  attempts: 6

# What must hold before the fix, or the repository has drifted.
expects:
  - file: "{{{{ file }}}}"
    matches: "^ATTEMPTS ="
    because: The fix raises what is set there.

# The edits, in order.
ops:
  - op: python.assign
    file: "{{{{ file }}}}"
    name: ATTEMPTS
    value: "{{{{ attempts }}}}"

# What must hold afterwards.
ensures:
  - file: "{{{{ file }}}}"
    text: "ATTEMPTS = {{{{ attempts }}}}"

pr:
  body:
    - Say here what a reviewer has to know.
"""


_CLASS = """\
# yaml-language-server: $schema=../schema.json
# Every key is explained by `patchkit schema`, every op by `patchkit explain OP`.
id: {id}
title: Say here in one line what the class does

why: |
  Say here what goes wrong without it.

evidence:
  - Say here where it was seen. Versions, logs and links help.

# cures: [R002]   # the rules of lint whose findings it removes

# Found by what they are, since names differ from recipe to recipe. A service with `each: true`
# is every one that fits: the ops are made for each.
params:
  service:
    find: service
    name: "*"
    each: true
    description: The services that the class is about.
  period: 5m

# What makes a recipe, or with `each` a service, of this kind. Of any other the class says nothing.
applies_to:
  - service: "{{{{ service }}}}"
    field: healthcheck.start_period
    value: 1s
    because: A second is too short for any first start.

# What must hold of one of this kind, or it has drifted. Refuse rather than guess.
expects:
  - service: "{{{{ service }}}}"
    field: healthcheck.test

ops:
  - op: healthcheck.set
    service: "{{{{ service }}}}"
    start_period: "{{{{ period }}}}"

# What holds of a recipe that is cured: name everything that the ops change.
ensures:
  - service: "{{{{ service }}}}"
    field: healthcheck.start_period
    value: "{{{{ period }}}}"
"""

_EXTENDING = """\
# yaml-language-server: $schema=schema.json
# `patchkit explain {name}` is the page of what this extends.
id: {id}
recipe: {recipe}
extends: {name}

# Say here what differs: evidence of this recipe, params by name. Further expects, ops and ensures
# follow those of the class.
evidence:
  - Say here where it was seen. Versions, logs and links help.
"""


def class_skeleton(class_id: str) -> str:
    """Return the text of a new class."""
    return _CLASS.format(id=class_id)


def extending_skeleton(fix_id: str, name: str, recipe: str | None = None) -> str:
    """Return the text of a new fix that extends the class `name`, which is `classes/<id>`."""
    return _EXTENDING.format(id=fix_id, name=name, recipe=recipe or fix_id)


def skeleton(fix_id: str, recipe: str | None = None, repository: str | None = None) -> str:
    """Return the text of a new fix spec.

    Args:
        fix_id: its id, made of a-z, 0-9 and hyphens.
        recipe: the name of the recipe it is for; by default that of the fix.
        repository: instead, the name of a repository that is no recipe.
    """
    kind = "repository" if repository else "recipe"
    body = _REPOSITORY if repository else _RECIPE
    return (_HEAD + body).format(id=fix_id, kind=kind, name=repository or recipe or fix_id)
