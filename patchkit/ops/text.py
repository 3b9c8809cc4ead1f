"""Any text file by its words: what stands there is replaced, or gets lines beside it.

For what has no op of its own, such as a `Caddyfile` or a script. A compose file can be edited
so too; the result must be one that Docker reads.
"""

from __future__ import annotations

import re
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from patchkit.draft import NoMatch
from patchkit.edit import text as words
from patchkit.edit.pattern import compile_pattern
from patchkit.edit.yaml import YamlEditor
from patchkit.errors import EditRefused, RecipeError
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.spec.fields import Regex, wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft


def _as_count(value: Any) -> Any:
    return None if value == "any" else value


Count = Annotated[
    Annotated[int, Field(ge=1)] | None,
    BeforeValidator(_as_count, json_schema_input_type=int | Literal["any"]),
]
_COUNT = "How many matches there must be; `any` for one or more."
_GROUP = re.compile(r"\\(?:[1-9][0-9]?|g<\w+>)")
_NO_GROUPS = next(re.finditer("", ""))


class TextReplace(OpModel):
    r"""Replace words of a file, which must match once, or as often as `count` says.

    Line endings are no part of a match. Where the new words stand already and the old ones do
    not, nothing is done. In `with`, a `\1` stands for the first group of `regex`.
    """

    file: str = Field(
        description="The file to edit; a pattern with `*` means every file that has the words.",
        examples=["Caddyfile", "compose*.yml"],
    )
    find: str | None = Field(
        default=None,
        description="The words, over several lines if need be.",
        examples=["reverse_proxy app:3000"],
        min_length=1,
    )
    regex: Regex | None = Field(
        default=None,
        description="A regular expression instead; `^` and `$` are the ends of a line.",
        examples=[r"app:(\d+)"],
        min_length=1,
    )
    with_: str = Field(
        alias="with", description="What comes instead.", examples=["reverse_proxy pds:3000"]
    )
    count: Count = Field(default=1, description=_COUNT, examples=[1, "any"])

    @model_validator(mode="after")
    def _one_of_both(self) -> TextReplace:
        if (self.find is None) == (self.regex is None):
            raise wrong_together('text.replace needs either "find" or "regex"')
        return self


class TextInsert(OpModel):
    """Put whole lines before or after the lines that hold some words, or at an end of a file.

    The words must be found once, or as often as `count` says. Where the new lines stand there
    already, nothing is done.
    """

    file: str = Field(description="The file to edit.", examples=["Caddyfile"])
    text: str | None = Field(
        default=None,
        description="The lines; a last line break may be left out.",
        examples=["encode gzip"],
    )
    template: str | None = Field(
        default=None,
        description="The template that makes the lines, below `templates/`.",
        examples=["gitea_app_ini.sh.j2"],
    )
    before: str | None = Field(
        default=None,
        description="Words of the line to put them before.",
        min_length=1,
        examples=["reverse_proxy app:3000"],
    )
    after: str | None = Field(
        default=None,
        description="Words of the line to put them behind.",
        min_length=1,
        examples=["reverse_proxy app:3000"],
    )
    at: Literal["start", "end"] | None = Field(
        default=None, description="An end of the file to put them at."
    )
    regex: bool = Field(
        default=False, description="Whether `before` or `after` is a regular expression."
    )
    apart: bool = Field(
        default=False, description="Whether blank lines keep the new lines apart from others."
    )
    count: Count = Field(default=1, description=_COUNT, examples=[1, "any"])

    @model_validator(mode="after")
    def _one_place(self) -> TextInsert:
        if sum(place is not None for place in (self.before, self.after, self.at)) != 1:
            raise wrong_together('text.insert needs one of "before", "after" and "at"')
        if (self.text is None) == (self.template is None):
            raise wrong_together('text.insert needs either "text" or "template"')
        if self.apart and (self.at or self.count != 1):
            raise wrong_together('"apart" needs "before" or "after", and one match')
        return self


def text_replace(draft: Draft, step: TextReplace) -> Changed | Unchanged:
    """Replace what is not replaced yet, in the one file or in all that match."""
    if "*" not in step.file:
        return _replaced(draft, step)
    outcomes: list[Changed | Unchanged] = []
    for path in draft.tree.matching(step.file):
        with suppress(NoMatch):
            outcomes.append(_replaced(draft, step.model_copy(update={"file": path})))
    if not outcomes:
        raise NoMatch(f'no match of "{step.find or step.regex}" in {step.file}')
    changed = [outcome.message for outcome in outcomes if isinstance(outcome, Changed)]
    return Changed("; ".join(changed)) if changed else outcomes[0]


def _replaced(draft: Draft, step: TextReplace) -> Changed | Unchanged:
    draft.require_file(step.file)
    text, find, regex = draft.tree.text(step.file), step.find or step.regex or "", bool(step.regex)
    matches = _matches(text, find, regex=regex)
    if _is_done(text, matches, step):
        return Unchanged(f"{step.file} says so already")
    if not matches:
        raise _no_match(text, find, step.file)
    _refuse_half_done(matches, step)
    new = words.replace(text, find, step.with_, regex=regex, count=step.count, path=step.file)
    return _saved(
        draft,
        step.file,
        new,
        f"replaced {len(matches)} place{'s' * (len(matches) > 1)} in {step.file}",
    )


def text_insert(draft: Draft, step: TextInsert) -> Changed | Unchanged:
    """Put the lines where they do not stand yet."""
    draft.require_file(step.file)
    text = draft.tree.text(step.file)
    new = draft.template(step.template) if step.template is not None else step.text or ""
    spots, missing = _spots(text, new, step)
    if not spots:
        raise _no_match(text, step.before or step.after or "", step.file)
    if not missing and (step.at or _fits(len(spots), step.count)):
        return Unchanged(f"{step.file} has these lines already")
    if len(missing) < len(spots):
        raise EditRefused(
            f"the lines stand in {step.file} already at {len(spots) - len(missing)} of"
            f" {len(spots)} places",
            hint="look at the file, and say more of the text around the place that is left",
        )
    result = words.insert(
        text,
        _padded(text, new, step) if step.apart else new,
        before=step.before,
        after=step.after,
        at=step.at,
        regex=step.regex,
        count=step.count,
        path=step.file,
    )
    return _saved(draft, step.file, result, f"inserted lines into {step.file}")


def _flat(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _matches(text: str, find: str, *, regex: bool) -> list[re.Match[str]]:
    flat = _flat(text)
    pattern = compile_pattern(find, flat) if regex else re.compile(re.escape(_flat(find)))
    return list(pattern.finditer(flat))


def _fits(found: int, count: Count) -> bool:
    return found > 0 if count is None else found == count


def _is_done(text: str, matches: list[re.Match[str]], step: TextReplace) -> bool:
    """Whether the new words stand where the old ones would, and no old ones are left."""
    if matches:
        return _fits(len(matches), step.count) and all(_is_replaced(m, step) for m in matches)
    parts = _GROUP.split(step.with_) if step.regex is not None else [_flat(step.with_)]
    if step.regex is not None:
        parts = [_expanded(_NO_GROUPS, part) for part in parts]
    return bool(step.with_) and bool(re.search(".*?".join(map(re.escape, parts)), _flat(text)))


def _refuse_half_done(matches: list[re.Match[str]], step: TextReplace) -> None:
    """Refuse to replace once more what is replaced, for the sake of what is not."""
    replaced = [match for match in matches if _is_replaced(match, step)]
    if len(replaced) < len(matches) and any(m[0] != _new(m, step) for m in replaced):
        raise EditRefused(
            f"{len(replaced)} of {len(matches)} matches in {step.file} are replaced already",
            hint="look at the file, and say more of the text around what is left",
        )


def _is_replaced(match: re.Match[str], step: TextReplace) -> bool:
    """Whether the new words stand around a match: it is a part of them."""
    new = _new(match, step)
    starts = [match.start() - m.start() for m in re.finditer(f"(?={re.escape(match[0])})", new)]
    return any(start >= 0 and match.string.startswith(new, start) for start in starts)


def _new(match: re.Match[str], step: TextReplace) -> str:
    return _flat(_expanded(match, step.with_) if step.regex is not None else step.with_)


def _expanded(match: re.Match[str], template: str) -> str:
    try:
        return match.expand(template)
    except (re.error, IndexError) as error:
        raise EditRefused(
            f'"{template}" does not fit the regex: {error}',
            hint=r"\1 is the first group; a backslash is written \\",
        ) from error


def _spots(text: str, new: str, step: TextInsert) -> tuple[list[int], list[int]]:
    """Return the lines where new ones belong, and those of them where they are missing."""
    lines, block = _flat(text).removesuffix("\n").split("\n"), _block(new)
    if step.at:
        start = 0 if step.at == "start" else len(lines) - len(block)
        return [start], [] if lines[max(start, 0) :][: len(block)] == block else [start]
    matches = _matches(text, step.before or step.after or "", regex=step.regex)
    anchors = dict.fromkeys(_lines(match) for match in matches)
    starts = [
        _past_blanks(lines, first, -1, step) - len(block)
        if step.before
        else _past_blanks(lines, last + 1, 1, step)
        for first, last in anchors
    ]
    there = [s for s in starts if s >= 0 and lines[s : s + len(block)] == block]
    own = {line for start in there for line in range(start, start + len(block))}
    kept = [s for s, (first, _) in zip(starts, anchors, strict=True) if first not in own]
    return kept, [start for start in kept if start not in there]


def _past_blanks(lines: list[str], at: int, by: int, step: TextInsert) -> int:
    """Return where lines that are kept apart stand: beyond the blank lines at `at`."""
    ahead = at if by > 0 else at - 1
    while step.apart and ahead in range(len(lines)) and not lines[ahead].strip():
        at, ahead = at + by, ahead + by
    return at


def _padded(text: str, new: str, step: TextInsert) -> str:
    """Return the new lines with a blank one on each side that has none."""
    lines = _flat(text).removesuffix("\n").split("\n")
    first, last = _lines(_matches(text, step.before or step.after or "", regex=step.regex)[0])
    at = first if step.before else last + 1
    above = at > 0 and lines[at - 1].strip()
    below = at < len(lines) and lines[at].strip()
    block = "\n".join(_block(new))
    return "\n" * bool(above) + block + "\n" * (1 + bool(below))


def _block(text: str) -> list[str]:
    return _flat(text).removesuffix("\n").split("\n")


def _lines(match: re.Match[str]) -> tuple[int, int]:
    """Return the numbers of the first and the last line that a match touches."""
    first = match.string.count("\n", 0, match.start())
    return first, first + match[0].removesuffix("\n").count("\n")


def _no_match(text: str, find: str, file: str) -> NoMatch:
    """Return the refusal for words that are not there, with the lines most like them."""
    wanted = find.strip("\n").partition("\n")[0]
    lines = dict.fromkeys(line.strip() for line in _flat(text).split("\n"))
    like = get_close_matches(wanted.strip(), lines, n=3)
    found = ", ".join(f'"{line}"' for line in like)
    return NoMatch(
        f'no match of "{wanted}" in {file}',
        hint=f"nearest: {found}" if like else "no line is like it",
        needed=True,
    )


def _saved(draft: Draft, file: str, text: str, message: str) -> Changed:
    if file in draft.recipe.compose_paths:
        _refuse_broken(file, text)
    draft.save(file, text)
    return Changed(message)


def _refuse_broken(file: str, text: str) -> None:
    try:
        YamlEditor(text, file).check()
    except (EditRefused, RecipeError) as error:
        problem = error.problems[0]
        raise EditRefused(
            f"Docker could not read the result: {problem.message}",
            place=problem.place,
            hint="mind the indentation of the new text, or use a yaml op",
        ) from error


_PROXY = "example.com {\n    reverse_proxy app:3000\n}\n"

OPS = {
    "replace": Op(
        "text.replace",
        TextReplace,
        text_replace,
        Example(
            step="op: text.replace\nfile: Caddyfile\nfind: app:3000\nwith: pds:3000\n",
            before={"Caddyfile": _PROXY},
            after={"Caddyfile": _PROXY.replace("app", "pds")},
        ),
    ),
    "insert": Op(
        "text.insert",
        TextInsert,
        text_insert,
        Example(
            step="op: text.insert\nfile: Caddyfile\nafter: reverse_proxy\n"
            'text: "    encode gzip"\n',
            before={"Caddyfile": _PROXY},
            after={"Caddyfile": _PROXY.replace("3000\n", "3000\n    encode gzip\n")},
        ),
    ),
}
