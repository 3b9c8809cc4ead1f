"""What a real Gitea and a real Forgejo answered.

Gitea 1.16 by calls recorded for this project, Forgejo 10 by those that ogr's own tests carry.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fetched
import yaml

CALLS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "gitea-1.16-calls.json").read_text()
)
_PULLS = re.compile(r"/(pulls(/\d+)?|issues/\d+/(comments|labels)|statuses/\w+|user)$")


def of_forgejo() -> list[tuple[str, str, int, Any]]:
    """Return method, path, status and data of the calls that are about pull requests."""
    found = []
    folder = fetched.recordings("ogr").parents[1] / "forgejo" / "test_data"
    for file in sorted(folder.rglob("*.yaml")):
        whole = yaml.load(file.read_text(), Loader=yaml.CSafeLoader)
        for method, urls in whole["httpx._client"]["send"].items():
            for url, calls in urls.items():
                if _PULLS.search(where := urlsplit(url).path):
                    outputs = (call["output"] for call in calls)
                    found += [(method, where, o["status_code"], o["_content"]) for o in outputs]
    return [call for call in found if call[2] < 300 and call[3]]
