"""Detectors, one a family of ops: each proposes what may explain a part of a change.

They are asked in this order, from what means most to what means least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.record.detect import (
    fields,
    files,
    ini,
    keyed,
    python_code,
    python_names,
    sections,
    services,
    settings,
    text,
)
from patchkit.record.detect import yaml as yaml_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.record.candidate import Candidate, Case

    Detector = Callable[[Case], Iterator[Candidate]]

OF_RECIPES: tuple[Detector, ...] = (
    services.renamed_services,
    services.removed_services,
    services.added_services,
    sections.moved_secrets,
    sections.removed_uses,
    sections.retargeted_configs,
    sections.added_configs,
    sections.versioned_configs,
    sections.added_secrets,
    sections.added_volumes,
    sections.added_aliases,
    keyed.moved_entries,
    keyed.renamed_entries,
    yaml_files.moved_keys,
    fields.changed_images,
    fields.changed_healthchecks,
    keyed.set_entries,
    keyed.unset_entries,
    yaml_files.changed_items,
    fields.set_fields,
    fields.unset_fields,
    settings.set_settings,
    settings.unset_settings,
    settings.exported_variables,
    settings.told_notes,
)
FIRST: tuple[Detector, ...] = (files.renamed_files,)
GENERAL: tuple[Detector, ...] = (
    ini.changed_keys,
    python_names.changed_imports,
    python_code.changed_arguments,
    python_names.changed_constants,
    python_names.added_definitions,
    python_code.changed_statements,
    yaml_files.moved_keys,
    yaml_files.changed_items,
    yaml_files.changed_values,
)
# What always comes to an end: their number does not grow with what was tried before.
LAST: tuple[Detector, ...] = (
    text.changed_texts,
    text.joined_texts,
    files.added_files,
    files.replaced_files,
    files.changed_modes,
    files.removed_files,
)
