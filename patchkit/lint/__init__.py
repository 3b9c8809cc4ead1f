"""What is wrong with a recipe: abra's lint rules and patchkit's own, one function a rule.

`abra recipe lint` looks at all `compose*.yml` merged, whatever `COMPOSE_FILE` says; so does this.
"""

from patchkit.lint.cures import cures
from patchkit.lint.gate import Gate, Regression
from patchkit.lint.report import Allowed, Report, Result, State
from patchkit.lint.rule import Rule
from patchkit.lint.rules import RULES, find_rule
from patchkit.lint.run import ask, lint

__all__ = [
    "RULES",
    "Allowed",
    "Gate",
    "Regression",
    "Report",
    "Result",
    "Rule",
    "State",
    "ask",
    "cures",
    "find_rule",
    "lint",
]
