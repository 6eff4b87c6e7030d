"""A tiny plain-HTTP listener that gives phones the authority's certificate and says how to trust it. Nothing of a clinic is there.

It is plain because a phone that does not know the authority yet cannot check anything it would say over TLS. What protects whoever installs
the certificate is the fingerprint, which she compares with the one that the terminal shows (docs/operate/network.md).
"""

from __future__ import annotations

import contextlib
import html
import http.server
import socket
import socketserver
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from runtime.network.authority import Authority

__all__ = ["TrustPage"]

CERTIFICATE = "/carework-ca.crt"
_SECONDS = 3.0
_AT_A_TIME = 16
_STYLE = """
body{font:17px/1.55 system-ui,sans-serif;margin:0 auto;max-width:34rem;padding:1.25rem;color:#1f2937;background:#fff}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.1rem;margin:1.5rem 0 .25rem}ol{padding-left:1.25rem;margin:.25rem 0}li{margin:.25rem 0}
code{display:block;font:15px/1.7 ui-monospace,monospace;background:#f3f4f6;border-radius:8px;padding:.75rem;overflow-wrap:anywhere}
a.button{display:block;text-align:center;background:#1d4ed8;color:#fff;text-decoration:none;border-radius:8px;padding:.8rem;margin:1rem 0}
a.plain{background:#fff;color:#1d4ed8;border:1px solid #1d4ed8}p.warn{background:#fef3c7;border-radius:8px;padding:.75rem}
nav{text-align:right}a{color:#1d4ed8}
"""
_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Trust this clinic's Carework", "other": "中文", "lang": "zh",
        "why": "Carework is on your clinic's own network. Your phone can check that it really talks to it once it has this certificate.",
        "compare": "First compare",
        "warn": "Go on only if these are the characters that the person at the server reads to you from the terminal, and if your phone shows "
                "the same under the certificate's details (SHA-256).",
        "get": "Get the certificate", "open": "Open Carework",
        "ios": "iPhone and iPad", "ios1": "Tap “Get the certificate” in Safari and allow the download.",
        "ios2": "Settings → Profile Downloaded → Install.", "ios3": "Settings → General → About → Certificate Trust Settings: switch it on.",
        "android": "Android", "android1": "Tap “Get the certificate”.",
        "android2": "Settings → search for “CA certificate” → Install anyway → choose the file.",
        "desk": "Computer", "desk1": "Windows: open the file → Install Certificate → Local Machine → Trusted Root Certification Authorities.",
        "desk2": "Mac: open the file in Keychain Access → System → Always Trust.", "after": "Then",
    },
    "zh": {
        "title": "信任本机构的 Carework", "other": "English", "lang": "en",
        "why": "Carework 运行在您机构自己的网络上。安装此证书后，手机就能确认连接的确实是它。",
        "compare": "请先核对",
        "warn": "仅当上面的字符与服务器终端上显示的一致（请管理员念给您听），并且手机证书详情里的 SHA-256 也相同时，才继续安装。",
        "get": "下载证书", "open": "打开 Carework",
        "ios": "iPhone 和 iPad", "ios1": "在 Safari 中点“下载证书”，允许下载。",
        "ios2": "设置 → 已下载描述文件 → 安装。", "ios3": "设置 → 通用 → 关于本机 → 证书信任设置：打开开关。",
        "android": "安卓", "android1": "点“下载证书”。", "android2": "设置 → 搜索“CA 证书” → 仍然安装 → 选择该文件。",
        "desk": "电脑", "desk1": "Windows：打开文件 → 安装证书 → 本地计算机 → 受信任的根证书颁发机构。",
        "desk2": "Mac：用“钥匙串访问”打开文件 → 系统 → 始终信任。", "after": "然后",
    },
}


class TrustPage:
    """Serves the page and the certificate until it is stopped: some requests at a time, each for three seconds at most."""

    def __init__(self, authority: Authority, address: str, host: str, port: int) -> None:
        """`address` is where Carework itself is. Raises OSError when the port is taken."""
        answers = {
            CERTIFICATE: ("application/x-x509-ca-cert", authority.der),
            "/style.css": ("text/css; charset=utf-8", _STYLE.encode()),
            **{f"/{language}": ("text/html; charset=utf-8", _page(language, authority, address).encode()) for language in _WORDS},
        }
        listener = type("_Listener", (_Listener,), {"answers": answers})
        self._server = _Server((host, port), listener)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.5}, name="trust-page", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close_copy(self) -> None:
        """Close the socket in a forked process, where nobody answers on it."""
        self._server.socket.close()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 16
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], listener: type[_Listener]) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._free = threading.BoundedSemaphore(_AT_A_TIME)
        super().__init__(address, listener)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own; one too many waits until another's time is over."""
        self._free.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        ending = threading.Timer(_SECONDS, _cut, (request,))
        ending.daemon = True
        ending.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            ending.cancel()
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


def _cut(request: socket.socket) -> None:
    """End a connection whose time is over, whatever it is at."""
    with contextlib.suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


class _Listener(http.server.BaseHTTPRequestHandler):
    answers: ClassVar[Mapping[str, tuple[str, bytes]]] = {}
    server_version = "Carework"
    sys_version = ""

    def do_GET(self) -> None:
        """The page in the browser's language, or the file; everything else is not here."""
        path = self.path.partition("?")[0]
        if path == "/":
            path = "/zh" if self.headers.get("Accept-Language", "").lower().startswith("zh") else "/en"
        kind, content = self.answers.get(path, ("text/plain; charset=utf-8", b"There is nothing here.\n"))
        self.send_response(200 if path in self.answers else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        if path == CERTIFICATE:
            self.send_header("Content-Disposition", 'attachment; filename="carework-ca.crt"')
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing worth a line."""


def _page(language: str, authority: Authority, address: str) -> str:
    words = _WORDS[language]
    w = {key: html.escape(text) for key, text in words.items()}
    shown, place = html.escape(authority.fingerprint), html.escape(address, quote=True)
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{w["title"]}</title><link rel="stylesheet" href="/style.css"></head><body>
<nav><a href="/{w["lang"]}" lang="{w["lang"]}">{w["other"]}</a></nav>
<main><h1>{w["title"]}</h1><p>{w["why"]}</p>
<h2>1. {w["compare"]}</h2><code>{shown}</code><p class="warn">{w["warn"]}</p>
<h2>2. {w["get"]}</h2><a class="button" href="{CERTIFICATE}">{w["get"]}</a>
<h2>{w["ios"]}</h2><ol><li>{w["ios1"]}</li><li>{w["ios2"]}</li><li>{w["ios3"]}</li></ol>
<h2>{w["android"]}</h2><ol><li>{w["android1"]}</li><li>{w["android2"]}</li></ol>
<h2>{w["desk"]}</h2><ol><li>{w["desk1"]}</li><li>{w["desk2"]}</li></ol>
<h2>3. {w["after"]}</h2><a class="button plain" href="{place}/">{w["open"]}: {place}</a></main></body></html>
"""
