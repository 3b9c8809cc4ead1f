"""Another name at many places."""

from __future__ import annotations

from patchkit.draft import Draft
from patchkit.draft.naming import respell
from patchkit.recipe.model import Recipe
from patchkit.recipe.references import references
from patchkit.tree import RecipeTree

COMPOSE = "services:\n  app:\n    image: a:1\n    environment: [DB=postgres://db:5432/db]\n"
FILES = 40


def test_many_files_are_one_new_tree(monkeypatch):
    texts = {f"docs/f{n}.txt": f"{n} http://db:1/db and http://db/\n" for n in range(FILES)}
    tree = RecipeTree.from_files({"compose.yml": COMPOSE + "  db:\n    image: b:1\n", **texts})
    draft, made = Draft(tree), []
    places = [ref for ref in references(Recipe(tree), "db") if ref.file != "compose.yml"]
    old = RecipeTree.with_texts
    monkeypatch.setattr(RecipeTree, "with_texts", lambda *of: made.append(1) or old(*of))
    monkeypatch.setattr(RecipeTree, "with_file", lambda *_: made.append("a look at every file"))
    respell(draft, places, "db", "store")
    assert made == [1]
    wanted = {f"docs/f{n}.txt": f"{n} http://store:1/db and http://store/\n" for n in range(FILES)}
    assert {path: draft.tree.text(path) for path in wanted} == wanted
