"""Writes `gotemplate/answers.json`: what Go makes of every template that the tests ask about.

Run it with Go on the path: `python tests/verify/record_templates.py`.
"""

from __future__ import annotations

import json

from template_cases import ANSWERS, ask_go, cases

if __name__ == "__main__":
    asked = cases()
    rows = [
        {"template": text, "answer": answer}
        for (text, _), answer in zip(asked, ask_go(asked), strict=True)
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    ANSWERS.write_text(f"[\n{lines}\n]\n")
