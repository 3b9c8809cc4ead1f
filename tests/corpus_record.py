"""Records what every op makes of public compose files, and says how much comes back as it was.

    python tests/corpus_record.py FOLDER [--every N] [--op NAME] [--by-meaning]

A fix of one op is rendered on each file as a recipe's compose.yml; the change is recorded, and the
recorded fix must give the same bytes, and be «already fixed» where it was applied. By meaning the
data must be the same.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from record_steps import AROUND, fix_of, steps

from patchkit.errors import EditRefused, PatchkitError
from patchkit.recipe.model import Recipe
from patchkit.record import Head, record
from patchkit.rendering import Verdict, render
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from record_steps import Step


@dataclass
class Row:
    """What became of the applications of one op."""

    made: int = 0
    exact: int = 0
    same: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)


def trees(folder: Path, every: int) -> Iterator[tuple[str, RecipeTree]]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in {".yml", ".yaml"} and p.is_file())
    for path in paths[::every]:
        yield str(path), RecipeTree.from_files({**AROUND, "compose.yml": path.read_bytes()})


def judge(tree: RecipeTree, step: Step, row: Row, name: str, *, by_meaning: bool) -> None:
    """Apply a step, record what it did, and count what came of it."""
    try:
        patch = render(fix_of(step), tree)
    except PatchkitError:
        return
    if patch.verdict is not Verdict.APPLIES:
        return
    row.made += 1
    try:
        recorded = record(tree, patch.tree, Head("probe", "probe"), by_meaning=by_meaning)
    except EditRefused as error:
        row.refused += 1
        row.wrong.append(f"refused: {name}: {step}: {error}")
        return
    assert recorded is not None
    again = render(recorded.fix, patch.tree)
    if not recorded.fits or again.verdict is not Verdict.FIXED:
        row.wrong.append(f"wrong: {name}: {step}\n{recorded.text}{recorded.beyond}{again.reasons}")
        return
    row.exact += 1
    row.same += recorded.ops == (step["op"],)
    row.others[" + ".join(sorted(recorded.ops))] += 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", type=int, default=1, help="take each n-th file only")
    parser.add_argument("--op", help="this op only")
    parser.add_argument("--by-meaning", action="store_true", help="record what edits mean")
    parser.add_argument("--show", action="store_true", help="print what was wrong or refused")
    asked = parser.parse_args()
    rows: dict[str, Row] = defaultdict(Row)
    start = time.monotonic()
    files = 0
    for name, tree in trees(asked.folder, asked.every):
        files += 1
        try:
            wanted = list(steps(Recipe(tree)))
        except PatchkitError:
            continue
        for step in wanted:
            if asked.op in {None, step["op"]}:
                judge(tree, step, rows[step["op"]], name, by_meaning=asked.by_meaning)
    print(f"{files} files, {time.monotonic() - start:.0f} s")
    print(f"{'op':20} {'made':>6} {'exact':>6} {'refused':>7} {'same op':>8}  otherwise")
    for op, row in sorted(rows.items()):
        other = [f"{n} {ops}" for ops, n in row.others.most_common(4) if ops != op]
        share = f"{100 * row.same / row.made:.1f} %" if row.made else "-"
        print(
            f"{op:20} {row.made:6} {row.exact:6} {row.refused:7} {share:>8}"
            f"  {'; '.join(other)[:90]}"
        )
    wrong = [text for row in rows.values() for text in row.wrong]
    for text in wrong if asked.show else wrong[:5]:
        print(text)
    made, exact = (sum(getattr(row, key) for row in rows.values()) for key in ("made", "exact"))
    same = sum(row.same for row in rows.values())
    how = "by meaning" if asked.by_meaning else "byte for byte"
    print(f"{made} changes: {exact} {how}, {same} as the same op")
    return int(any(row.made != row.exact + row.refused for row in rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
