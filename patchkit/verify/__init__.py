"""Real programs as judges of what a fix makes of a recipe.

Lint says what is wrong on paper; a judge runs the very program that will meet the result: Docker's
client, a shell's linter, a database server. One file a judge.
"""

from patchkit.verify.judge import Case, Check, Judge, Judgement, State
from patchkit.verify.run import JUDGES, chosen, find_judge, verify

__all__ = [
    "JUDGES",
    "Case",
    "Check",
    "Judge",
    "Judgement",
    "State",
    "chosen",
    "find_judge",
    "verify",
]
