"""The machinery that tests recipes on a server."""
