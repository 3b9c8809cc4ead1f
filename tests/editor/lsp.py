"""A small client of a language server over its standard streams.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60


class Client:
    """A server that runs, and files that are open in it."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._number = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        docs = ["markdown", "plaintext"]
        can = {
            "completion": {"completionItem": {"documentationFormat": docs, "snippetSupport": True}},
            "hover": {"contentFormat": docs},
            "publishDiagnostics": {},
        }
        where = {"rootUri": folder.as_uri(), "capabilities": {"textDocument": can}}
        self.ask("initialize", {"processId": None, **where})
        self.tell("initialized", {})

    def close(self) -> None:
        """End the server."""
        self.ask("shutdown", None)
        self.tell("exit", None)
        self._process.wait(_SECONDS)
        self._reader.join(_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a file, and return what the server finds wrong with it."""
        path.write_text(text)
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._next()
            about = message.get("params", {})
            is_told = message.get("method") == "textDocument/publishDiagnostics"
            if is_told and about["uri"] == path.as_uri():
                found: list[dict[str, Any]] = about["diagnostics"]
                return found

    def at(self, method: str, path: Path, line: int, column: int) -> Any:
        """Ask about a place; line and column from 0."""
        place = {"position": {"line": line, "character": column}}
        return self.ask(f"textDocument/{method}", {"textDocument": {"uri": path.as_uri()}, **place})

    def ask(self, method: str, params: Any) -> Any:
        """Send a request, and return its result."""
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self._number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _next(self) -> dict[str, Any]:
        """Return the next message; what the server asks on the way is answered with nothing."""
        message = self._messages.get(timeout=_SECONDS)
        if "id" in message and "method" in message:
            items = message.get("params", {}).get("items")
            result = [self._settings(item) for item in items] if items else None
            self._send({"id": message["id"], "result": result})
        return message

    def _settings(self, item: dict[str, Any]) -> dict[str, Any] | None:
        """Return the settings of an editor that asks no site on the net for schemas."""
        if item.get("section") == "yaml":
            return {"schemaStore": {"enable": False}, "completion": True, "hover": True}
        return None

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while head := stream.readline():
            length = int(head.partition(b":")[2])
            while stream.readline().strip():
                pass
            self._messages.put(json.loads(stream.read(length)))
