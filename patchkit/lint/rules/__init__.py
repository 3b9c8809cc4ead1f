"""Every rule, in the order of reports: what abra stops at, abra's rules by number, patchkit's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.lint.rules import (
    abra_stack,
    backups,
    configs,
    fatal,
    images,
    metadata,
    networks,
    secrets,
    services,
    values,
)

if TYPE_CHECKING:
    from patchkit.lint.rule import Rule

RULES: tuple[Rule, ...] = (
    fatal.missing_env_sample,
    fatal.invalid_compose,
    abra_stack.unexpected_compose_version,
    abra_stack.no_healthcheck,
    images.untagged_image,
    images.unstable_tag,
    images.odd_image_tag,
    metadata.unpublished_version,
    metadata.empty_metadata,
    metadata.no_env_sample,
    abra_stack.no_app_service,
    abra_stack.no_traefik_routing,
    abra_stack.service_without_image,
    configs.config_version_not_vendored,
    metadata.no_repository,
    metadata.lightweight_tag,
    secrets.long_secret_name,
    services.orphaned_service,
    services.dangling_reference,
    configs.stale_config_version,
    configs.unvendored_config,
    backups.dump_without_restore,
    backups.hot_data_backup,
    backups.two_backup_switches,
    backups.hook_without_switch,
    backups.unknown_backup_volume,
    backups.hook_script_not_mounted,
    backups.old_backup_label,
    networks.shared_network_collision,
    configs.read_only_config_in_volume,
    images.moving_image_tag,
    values.non_literal_duration,
    secrets.secret_name_too_long,
    values.env_without_default,
    services.unused_definition,
    services.on_failure_restart,
)


def find_rule(name: str) -> Rule | None:
    """Return a rule by its name, or by abra's number of it in any case; None if there is none."""
    known = {rule.ref: rule for rule in reversed(RULES)} | {rule.name: rule for rule in RULES}
    known.pop("")
    return known.get(name) or known.get(name.upper())
