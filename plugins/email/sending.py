"""Speaks SMTP: one letter, one recipient, everything within a time limit, and honest about what it cannot know."""

from __future__ import annotations

import base64
import contextlib
import email.utils
import hashlib
import queue
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence

from plugins.email.settings import Smtp, one_address
from runtime.channels import Again, Channel, Delivered, Letter, Reach, Refused

__all__ = ["Email", "compose"]

BEFORE_SECONDS = 10.0
"""For everything up to the text itself: name, connection, TLS, sign-in, sender, recipient."""
AFTER_SECONDS = 30.0
"""For the server's answer to the text: it has it then, and to give up leaves in doubt whether it keeps it."""


class Unanswered(Exception):
    """The text was handed over and no answer came."""


class Email(Channel):
    """Without a server it is there, so that definitions may name it, and says what is missing."""

    name = "email"
    label = {"en": "E-mail", "zh": "邮件"}

    def __init__(
        self, smtp: Smtp | None, *, before: float = BEFORE_SECONDS, after: float = AFTER_SECONDS,
        context: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        self._smtp = smtp
        self._before = before
        self._after = after
        self._context = context
        self.missing = "" if smtp else "CAREWORK_SMTP_URL is not set"

    def address(self, reach: Reach) -> str:
        """See `Channel`."""
        return one_address(reach.email)

    def send(self, letter: Letter, address: str, *, key: str, doubtful: bool) -> Delivered | Refused | Again:
        """See `Channel`."""
        smtp = self._smtp
        if smtp is None:
            return Again(self.missing)
        message_id, content = compose(letter, smtp.sender, address, key=key, doubtful=doubtful)
        try:
            with self._connected(smtp) as server:
                answer = _envelope(server, smtp.sender, address) or self._content(server, content)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            # Nothing was handed over yet: what is raised after the text is Unanswered.
            return Again(_kind_of(error))
        return answer or Delivered(message_id)

    @contextlib.contextmanager
    def _connected(self, smtp: Smtp) -> Iterator[smtplib.SMTP]:
        """A server that is ready for a letter. A server that answers a byte at a time does not hold us beyond the limit either."""
        server: smtplib.SMTP
        end = time.monotonic() + self._before
        addresses, own = _names(smtp.host, smtp.port, self._before)
        if smtp.tls == "now":
            server = smtplib.SMTP_SSL(local_hostname=own, timeout=self._before, context=self._context())
        else:
            server = smtplib.SMTP(local_hostname=own, timeout=self._before)
        # smtplib checks certificates against the name that it was made with.
        server._host = smtp.host  # type: ignore[attr-defined]
        guard = threading.Timer(max(0.0, end - time.monotonic()), _cut, (server,))
        guard.daemon = True
        guard.start()
        try:
            code = _reached(server, addresses, smtp.port, end)
            if code != 220:
                raise smtplib.SMTPConnectError(code, "")
            if smtp.tls == "start":
                server.starttls(context=self._context())
            if smtp.password:
                server.login(smtp.user, smtp.password)
            server.ehlo_or_helo_if_needed()
            yield server
        finally:
            guard.cancel()
            with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
                server.close()

    def _content(self, server: smtplib.SMTP, content: bytes) -> Refused | Again | None:
        """Hand over the text. Raises Unanswered when it is not known what became of it."""
        code, _ = server.docmd("DATA")
        if code != 354:
            return Again(f"DATA answered {code}", away=code < 500)
        guard = threading.Timer(self._after, _cut, (server,))
        guard.daemon = True
        guard.start()
        try:
            assert server.sock is not None
            server.sock.settimeout(self._after)
            server.send(_stuffed(content))
            code, _ = server.getreply()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise Unanswered(_kind_of(error)) from None
        finally:
            guard.cancel()
        if code == 250:
            with contextlib.suppress(smtplib.SMTPException, OSError, ValueError):
                server.putcmd("quit")
            return None
        return Refused(f"the text was answered with {code}") if code >= 500 else Again(f"the text was answered with {code}", away=False)


def _names(host: str, port: int, seconds: float) -> tuple[list[str], str]:
    """The server's addresses, and the name by which this machine greets it. Raises OSError.

    In a thread of its own, because nothing else ends a question to a name server that never answers.
    """
    found: queue.SimpleQueue[tuple[list[str], str] | OSError] = queue.SimpleQueue()

    def look() -> None:
        try:
            addresses = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
            own = socket.getfqdn()
            found.put((list(dict.fromkeys(addresses)), own if "." in own else "[127.0.0.1]"))
        except (OSError, UnicodeError) as error:
            found.put(error if isinstance(error, OSError) else OSError("no such name"))

    threading.Thread(target=look, name="carework-names", daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("no answer about the name") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _reached(server: smtplib.SMTP, addresses: Sequence[str], port: int, end: float) -> int:
    """The greeting of the first address that answers in time. Raises the error of the last that was tried."""
    failed: OSError = TimeoutError("no address")
    for address in addresses:
        try:
            server.timeout = max(0.05, end - time.monotonic())
            return server.connect(address, port)[0]
        except OSError as error:
            failed = error
        if time.monotonic() > end:
            break
    raise failed


def compose(letter: Letter, sender: str, address: str, *, key: str, doubtful: bool) -> tuple[str, bytes]:
    """The mail and its Message-ID: one recipient, no header that a name or subject could break out of (A-45).

    Put together here, because `EmailMessage` decodes encoded words that stand in what it is given, line breaks among them.
    """
    # The same for every attempt, so that programs which look for repeats find them.
    message_id = f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"
    headers = {
        "From": f"{_word(_line(letter.name)[:80])} <{sender}>".strip(), "To": address, "Subject": _word(_line(letter.subject)[:300]),
        "Date": email.utils.format_datetime(email.utils.localtime()), "Message-ID": message_id, "Auto-Submitted": "auto-generated",
        **({"X-Carework-Repeat": "possible"} if doubtful else {}), "MIME-Version": "1.0", "Content-Language": letter.language,
        "Content-Type": 'text/plain; charset="utf-8"', "Content-Transfer-Encoding": "base64",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    body = base64.encodebytes(_plain(letter.body).replace("\n", "\r\n").encode()).replace(b"\n", b"\r\n")
    return message_id, head.encode("ascii") + b"\r\n" + body


def _word(text: str) -> str:
    """A text as it may stand in a header: letters, figures and blanks as they are, all else as encoded words (RFC 2047)."""
    if all(char.isascii() and (char.isalnum() or char in " .-") for char in text) and len(text) < 60:
        return text
    words, chunk = [], b""
    for char in text:
        if len(chunk) + len(char.encode()) > 42:
            words.append(chunk)
            chunk = b""
        chunk += char.encode()
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in (*words, chunk))


def _line(text: str) -> str:
    """One line without control characters."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _plain(text: str) -> str:
    return "".join(char for char in text if char in "\n\t" or char.isprintable() or char == "\u3000")


def _envelope(server: smtplib.SMTP, sender: str, address: str) -> Refused | Again | None:
    """Name the sender and the one recipient; the answer when the server will not have it."""
    code, _ = server.mail(sender)
    if code != 250:
        return Again(f"MAIL answered {code}")
    code, _ = server.rcpt(address)
    if code in (250, 251):
        return None
    if code >= 500:
        return Refused(f"RCPT answered {code}")
    return Again(f"RCPT answered {code}", away=code == 421)


def _stuffed(content: bytes) -> bytes:
    """As RFC 5321 4.5.2 has it: lines that begin with a dot get another one, and a dot alone ends it."""
    text = b"\r\n".join(content.splitlines())
    text = text.replace(b"\r\n.", b"\r\n..")
    return (b"." + text if text.startswith(b".") else text) + b"\r\n.\r\n"


def _cut(server: smtplib.SMTP) -> None:
    with contextlib.suppress(OSError, AttributeError):
        server.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _kind_of(error: BaseException) -> str:
    """An error for operators: texts of servers may repeat addresses and passwords."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    return type(error).__name__
