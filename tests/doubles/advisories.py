"""Who knows what is vulnerable, on loopback: OSV's query and the bulk advisories of npm's registry.

Source: OSV's `POST /v1/query`; npm's `POST /-/npm/v1/security/advisories/bulk`, and a packument.
"""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Pin = tuple[str, str]


@contextmanager
def advisories(vulnerable: set[Pin], *, status: int = 200) -> Iterator[str]:
    """The address of one who knows these versions to be vulnerable and all others not to be."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
            self._answer(_osv(asked, vulnerable) if "package" in asked else _npm(asked, vulnerable))

        def do_GET(self) -> None:
            name = self.path.strip("/")
            versions = {v: {"name": name, "version": v} for n, v in vulnerable if n == name}
            self._answer({"name": name, "versions": versions})

        def log_message(self, format: str, *args: Any) -> None: ...

        def _answer(self, body: Mapping[str, Any]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _osv(asked: Mapping[str, Any], vulnerable: set[Pin]) -> Mapping[str, Any]:
    name, version = asked["package"]["name"], asked["version"]
    if (name, version) not in vulnerable:
        return {}
    ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99.0"}]}]
    affected = [{"package": asked["package"], "ranges": ranges, "versions": [version]}]
    times = {"published": "2021-02-01T20:15:00Z", "modified": "2021-03-22T16:34:00Z"}
    known = {"id": f"PYSEC-{name}", "details": "Known.", "aliases": [], "affected": affected}
    return {"vulns": [known | times]}


def _npm(asked: Mapping[str, list[str]], vulnerable: set[Pin]) -> Mapping[str, Any]:
    return {
        name: [
            {
                "id": 1,
                "url": "https://example.com/1",
                "title": "Known",
                "severity": "high",
                "vulnerable_versions": version,
                "cwe": [],
                "cvss": {"score": 0, "vectorString": None},
            }
        ]
        for name, version in vulnerable
        if version in asked.get(name, [])
    }
