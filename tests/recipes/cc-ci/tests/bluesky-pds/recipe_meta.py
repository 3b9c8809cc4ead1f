"""Bluesky's PDS: holds the data of accounts."""

HEALTH_PATH = "/xrpc/_health"
