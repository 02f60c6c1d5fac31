"""A door to a node: TLS, and a user with a password, as an owner's cluster has them.

In: a node's URL.  Out: another URL that leads to it for who knows the login; anybody else gets
what OpenSearch answers.  The nodes of the tests have no plugins, so they have no doors.
"""

from __future__ import annotations

import base64
import ssl
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import trustme

USER, PASSWORD = "clerk", "not-to-be-told"
_LOGIN = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_HOST = "127.0.0.1"


class Guard:
    """The door, open until `close`; `ca` is the certificate that signed its own."""

    def __init__(self, node: str, folder: Path) -> None:
        authority = trustme.CA()
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self._server = ThreadingHTTPServer((_HOST, 0), _handler(node))
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(_HOST).configure_cert(context)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"https://{_HOST}:{self._server.server_port}"

    def close(self) -> None:
        """Let nobody in any more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(node: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.headers.get("Authorization") != _LOGIN:
                self._reply(401, "text/plain", b"Unauthorized")
                return
            kind = self.headers.get("Content-Type") or "application/json"
            asked = urllib.request.Request(
                node + self.path, body or None, {"Content-Type": kind}, method=self.command
            )
            try:
                with urllib.request.urlopen(asked, timeout=60) as answer:
                    self._reply(answer.status, answer.headers.get_content_type(), answer.read())
            except urllib.error.HTTPError as error:
                self._reply(error.code, error.headers.get_content_type(), error.read())

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on  # noqa: N815  (http.server's)

        def _reply(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
