"""A server of Git repositories on the loopback interface, over https, that asks for a name and a password."""

from __future__ import annotations

import base64
import contextlib
import functools
import http.server
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path


class Asking(http.server.SimpleHTTPRequestHandler):
    """Gives the files of a folder to who says ``name:password``; remembers what was said to it."""

    def __init__(self, *arguments: object, expected: str, heard: list[str], folder: Path) -> None:
        self._expected, self._heard = expected, heard
        super().__init__(*arguments, directory=str(folder))  # type: ignore[arg-type]

    def do_GET(self) -> None:
        said = self.headers.get("Authorization", "")
        if said:
            self._heard.append(base64.b64decode(said.removeprefix("Basic ")).decode())
        if self._heard[-1:] == [self._expected] and said:
            return super().do_GET()
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Length", "0")
        return self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path, expected: str, place: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a server for `folder`, with a certificate made in `place`, and the list of what it hears."""
    certificate = place / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-keyout", certificate, "-out", place / "public.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "public.pem", certificate)
    heard: list[str] = []
    handler = functools.partial(Asking, expected=expected, heard=heard, folder=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"https://localhost:{server.server_address[1]}", heard
        finally:
            server.shutdown()
            thread.join()
