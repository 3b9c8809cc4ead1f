"""A way to servers that prints no header, whatever debugging a program has asked of http.client.

`HTTPConnection.debuglevel` is a switch for the whole process, and prints tokens with the rest.
https://docs.python.org/3/library/http.client.html#http.client.HTTPConnection.set_debuglevel
"""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _Http(HTTPConnection):
    debuglevel = 0


class _Https(HTTPSConnection):
    debuglevel = 0


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


_POOLS = {"http": _HttpPool, "https": _HttpsPool}


class QuietAdapter(HTTPAdapter):
    """Connections of requests, also those by way of a proxy, that print nothing."""

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Make the pools of servers that are asked directly."""
        super().init_poolmanager(*arguments, **named)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *arguments: Any, **named: Any) -> Any:
        """Return the pools of a proxy."""
        manager = super().proxy_manager_for(*arguments, **named)
        manager.pool_classes_by_scheme = _POOLS
        return manager
