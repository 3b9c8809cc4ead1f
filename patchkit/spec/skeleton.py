"""The fix spec that `patchkit new` writes: valid as it is, every key explained."""

from __future__ import annotations

_SKELETON = """\
# yaml-language-server: $schema=schema.json
# Every key is explained by `patchkit schema`, every op by `patchkit explain OP`.
id: {id}
title: Say here in one line what the fix does
recipe: {recipe}
# alternative: other-fix   # this fix cures the same as that one, and is used only when named

why: |
  Say here what goes wrong without the fix.

evidence:
  - Say here where it was seen. Versions, logs and links help.

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


def skeleton(fix_id: str, recipe: str) -> str:
    """Return the text of a new fix spec.

    Args:
        fix_id: its id, made of a-z, 0-9 and hyphens.
        recipe: the name of the recipe it is for.
    """
    return _SKELETON.format(id=fix_id, recipe=recipe)
