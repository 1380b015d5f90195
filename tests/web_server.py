"""A web server on this machine that answers as it is told to, and remembers what it was asked."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from courtside.video.writer import VideoWriter


@dataclass(frozen=True)
class Reply:
    """An answer: of ``body`` only the first ``sent`` bytes come, ``pause_s`` after each quarter."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None
    pause_s: float = 0.0


class Server:
    """Serves ``replies``: for a path one answer, or several, of which the last one stays."""

    def __init__(self):
        self.replies = {}
        self.asked = []
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer._answer(self)

            def do_HEAD(self):
                outer._answer(self)

            def log_message(self, *_):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a client that went away
                pass

        self._server = Quiet(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def address(self, path, host="127.0.0.1"):
        return f"http://{host}:{self._server.server_port}/{path}"

    def paths(self):
        return [path for path, _, _ in self.asked]

    def _answer(self, handler):
        path = handler.path.lstrip("/")
        with self._lock:
            self.asked.append((path, dict(handler.headers), time.monotonic()))
            reply = self.replies.get(path, Reply(status=404))
            if isinstance(reply, list):
                reply = reply.pop(0) if len(reply) > 1 else reply[0]
        body, status, headers = reply.body, reply.status, dict(reply.headers)
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if wanted and status == 200:
            first = int(wanted[1])
            headers["Content-Range"] = f"bytes {first}-{len(body) - 1}/{len(body)}"
            body, status = body[first:], 206
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if value:
                handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        body = body[: reply.sent]
        quarter = -(-len(body) // 4) or 1
        for first in range(0, len(body), quarter):
            handler.wfile.write(body[first : first + quarter])
            if reply.pause_s:
                handler.wfile.flush()
                time.sleep(reply.pause_s)
        if reply.sent is not None:
            handler.close_connection = True


def photo(seed, width=160, height=140):
    """BGR noise in large blocks, which no two seeds share."""
    grid = np.random.default_rng(seed).integers(0, 255, (14, 16, 3), dtype=np.uint8)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)


def encoded(image, suffix=".jpg", quality=92):
    parameters = [cv2.IMWRITE_JPEG_QUALITY, quality] if suffix == ".jpg" else []
    return cv2.imencode(suffix, image, parameters)[1].tobytes()


def jpeg(seed, **size):
    return encoded(photo(seed, **size))


def write_mp4(path, seed, frames=10, width=96, height=64):
    """A video of noise blocks, 25 frames a second, written by the project's own writer."""
    with VideoWriter(path, width, height, 25) as writer:
        for index in range(frames):
            writer.write(photo((seed, index), width, height))
    return path.read_bytes()
