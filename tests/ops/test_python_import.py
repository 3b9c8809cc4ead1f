"""python.import: in the group and order of ruff, which judges every case."""

from __future__ import annotations

import pytest
import python_cases
from python_cases import changes, noop, refused

from patchkit.ops import Changed

HEAD = '''\
"""What it is."""

from __future__ import annotations

import os
from pathlib import Path

import yaml
from requests import Session, get

from . import near


def f():
    """Use them."""
    return os, Path, yaml, Session, get, near
'''


def add(statement):
    return f'op: python.import\nadd: "{statement}"\n'


def drop(statement):
    return f'op: python.import\ndrop: "{statement}"\n'


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(add("import os"), id="module"),
        pytest.param(add("from requests import get, Session"), id="names"),
        pytest.param(drop("import sys"), id="no such import"),
        pytest.param(drop("from pathlib import PurePath"), id="no such name"),
    ],
)
def test_leaves_what_is_so(made):
    noop(HEAD, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(add("import ast"), "import os\n", "import ast\nimport os\n", id="first"),
        pytest.param(add("import sys"), "import os\n", "import os\nimport sys\n", id="before from"),
        pytest.param(
            add("from re import sub"),
            "import Path\n",
            "import Path\nfrom re import sub\n",
            id="last",
        ),
        pytest.param(add("import attr"), "import yaml\n", "import attr\nimport yaml\n", id="third"),
        pytest.param(
            add("from requests import HTTPError"),
            "import Session",
            "import HTTPError, Session",
            id="class",
        ),
        pytest.param(
            add("from requests import put"), "Session, get\n\n", "Session, get, put\n\n", id="name"
        ),
        pytest.param(
            add("from requests import get as fetch"),
            "from requests import Session, get\n",
            "from requests import Session, get\nfrom requests import get as fetch\n",
            id="under another name",
        ),
        pytest.param(add("from . import far"), "import near", "import far, near", id="relative"),
        pytest.param(
            add("from .. import far"), "from . ", "from .. import far\nfrom . ", id="from further"
        ),
        pytest.param(
            add("from __future__ import generators"),
            "import annotations",
            "import annotations, generators",
            id="future",
        ),
    ],
)
def test_adds_in_order(made, old, new):
    for eol in ("\n", "\r\n"):
        before = HEAD.replace("\n", eol)
        after = before.replace(old.replace("\n", eol), new.replace("\n", eol))
        assert before.count(old.replace("\n", eol)) == 1
        changes(before, made, after)


LONG = f"from package_name import {'b' * 30}, {'d' * 30}\n"


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param("", add("import os"), "import os\n", id="empty file"),
        pytest.param("import sys", add("import os"), "import os\nimport sys", id="no newline"),
        pytest.param("x = 1\n", add("import os"), "import os\n\nx = 1\n", id="no import yet"),
        pytest.param(
            "import yaml\n\nfrom . import near\n",
            add("import os"),
            "import os\n\nimport yaml\n\nfrom . import near\n",
            id="a first group",
        ),
        pytest.param(
            "import os\n\nfrom . import near\n",
            add("import yaml"),
            "import os\n\nimport yaml\n\nfrom . import near\n",
            id="a group between",
        ),
        pytest.param(
            '"""D."""\n\n\ndef f(): ...\n',
            add("import os"),
            '"""D."""\n\nimport os\n\n\ndef f(): ...\n',
            id="behind the docstring",
        ),
        pytest.param(
            "#!/usr/bin/env python3\n# c\nx = 1\n",
            add("import os"),
            "#!/usr/bin/env python3\n# c\nimport os\n\nx = 1\n",
            id="behind the shebang",
        ),
        pytest.param(
            "from a import (\n    b,  # c\n    d,\n)\n",
            add("from a import c"),
            "from a import (\n    b,  # c\n    c,\n    d,\n)\n",
            id="one a line",
        ),
        pytest.param(
            LONG,
            add(f"from package_name import {'c' * 30}"),
            f"from package_name import (\n    {'b' * 30},\n    {'c' * 30},\n    {'d' * 30},\n)\n",
            id="too many for one line",
        ),
        pytest.param(
            "import a.b\n", add("import a.c"), "import a.b\nimport a.c\n", id="one package"
        ),
        pytest.param(
            "from a import *\n",
            add("from a import b"),
            "from a import *\nfrom a import b\n",
            id="star",
        ),
        pytest.param(
            "import y\nimport x\n",
            add("import xx"),
            "import y\nimport x\nimport xx\n",
            id="no order",
        ),
        pytest.param(
            "import sys\n\nsys.path.insert(0, 'x')\n\nimport own  # noqa: E402\n",
            add("import own2"),
            "import sys\n\nsys.path.insert(0, 'x')\n\nimport own  # noqa: E402\nimport own2\n",
            id="beside its like further down",
        ),
        pytest.param("import os, sys\n", drop("import os"), "import sys\n", id="one of two"),
        pytest.param("import os\n\nx = 1\n", drop("import os"), "x = 1\n", id="dropped, first"),
        pytest.param(
            '"""D."""\n\nimport os\n\n\ndef f(): ...\n',
            drop("import os"),
            '"""D."""\n\n\ndef f(): ...\n',
            id="dropped, only one",
        ),
        pytest.param(
            "from a import (\n    b,\n    c,\n)\n",
            drop("from a import b"),
            "from a import (\n    c,\n)\n",
            id="dropped, one a line",
        ),
        pytest.param(
            "import ast\n\n# about yaml\nimport yaml\n\nx = 1\n",
            drop("import yaml"),
            "import ast\n\nx = 1\n",
            id="dropped, with its comment",
        ),
        pytest.param(
            "# licence\nimport yaml\n\nx = 1\n",
            drop("import yaml"),
            "# licence\n\nx = 1\n",
            id="head stays",
        ),
        pytest.param(
            "import os\n\nprint('os')  # os\n",
            drop("import os"),
            "print('os')  # os\n",
            id="dropped, though text speaks of it",
        ),
        pytest.param(
            "import a.b\nimport a.c\n\na.c.x()\n",
            drop("import a.b"),
            "import a.c\n\na.c.x()\n",
            id="dropped, its package stays",
        ),
    ],
)
def test_adds_and_drops_what_is_written_otherwise(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param("def c(): ...\n", add("import c"), ("c is bound already",), 1, id="function"),
        pytest.param("import os as c\n", add("import c"), ("c is bound already",), 1, id="another"),
        pytest.param(
            "if TYPE_CHECKING:\n    from a import c\n",
            add("from a import c"),
            ("condition",),
            2,
            id="if",
        ),
        pytest.param(
            "try:\n    import c\nexcept ImportError:\n    c = None\n",
            add("import c"),
            ("bound",),
            2,
            id="try",
        ),
        pytest.param("from x import a\n", add("import a.c"), ("a is bound",), 1, id="no package"),
        pytest.param(
            "from a import b; x = 1\n", add("from a import c"), ("shares",), 1, id="shared"
        ),
        pytest.param(
            "import os\n\nos.x()\n", drop("import os"), ("os is still used",), 3, id="used"
        ),
        pytest.param(
            "from a import b\n\n__all__ = ['b']\n",
            drop("from a import b"),
            ("still used",),
            3,
            id="export",
        ),
        pytest.param("import a.b\n\na.b.x()\n", drop("import a.b"), ("still used",), 3, id="part"),
        pytest.param("import os; x = 1\n", drop("import os"), ("shares its line",), 1, id="; drop"),
        pytest.param(
            'import os\n\nf"{os.x}"\n', drop("import os"), ("still used",), 3, id="f-string"
        ),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)


OWN = {
    "pyproject.toml": "[tool.ruff]\nline-length = 120\n",
    "runner/ruff.toml": 'src = ["."]\n[lint.isort]\nknown-first-party = ["tools"]\n',
    "harness/__init__.py": "",
    "runner/warm.py": "",
}
USES = "import yaml\n\nfrom . import near\n"


@pytest.mark.parametrize("module", ["harness", "harness.warm"])
def test_what_lies_in_the_repository_is_its_own(module):
    after = USES.replace("from", f"import {module}\n\nfrom")
    changes(USES, add(f"import {module}"), after, judge=False, **OWN)


@pytest.mark.parametrize("module", ["warm", "tools"])
def test_the_nearest_settings_say_what_is_its_own(module):
    after = USES.replace("from", f"import {module}\n\nfrom")
    made = add(f"import {module}") + "file: runner/b.py\n"
    outcome, tree = python_cases.made("", made, **OWN, **{"runner/b.py": USES})
    assert isinstance(outcome, Changed)
    assert tree.text("runner/b.py") == after
    third = "".join(sorted(["import yaml\n", f"import {module}\n"]))
    changes(USES, add(f"import {module}"), USES.replace("import yaml\n", third), **OWN)


def test_settings_say_how_long_lines_may_be():
    names = [letter * 30 for letter in "bcd"]
    before = f"from package_name import {names[0]}, {names[2]}\n"
    after = f"from package_name import {', '.join(names)}\n"
    changes(before, add(f"from package_name import {names[1]}"), after, judge=False, **OWN)
