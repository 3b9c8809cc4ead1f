#!/usr/bin/env bash
# Starts the server, with the superuser's password from the settings when there is one.
set -euo pipefail

if [ -n "${MUMBLE_SUPERUSER_PASSWORD:-}" ]; then
	/usr/bin/mumble-server -supw "$MUMBLE_SUPERUSER_PASSWORD"
fi

exec /entrypoint.sh "$@"
