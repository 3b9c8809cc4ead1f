"""Every setting, as a table for the README: made of what the settings say of themselves."""

from __future__ import annotations

from patchkit.settings import VARIABLES, Settings


def settings_table() -> str:
    """Return every setting with its meaning, default and variable, a Markdown table."""
    lines = "".join(
        f"| `{name}` | {field.description} | {_default(field.default)} | {_variable(name)} |\n"
        for name, field in Settings.model_fields.items()
    )
    return f"| setting | what it says | default | variable |\n|---|---|---|---|\n{lines}"


def _default(value: object) -> str:
    return f"`{value}`" if value else ""


def _variable(name: str) -> str:
    return f"`{VARIABLES[name]}`" if name in VARIABLES else ""
