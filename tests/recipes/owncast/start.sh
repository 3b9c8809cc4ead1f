#!/bin/sh
set -eu

# The key may be given as a secret one day; until then it comes from the environment.
exec /app/owncast -streamkey "$OWNCAST_STREAM_KEY"
