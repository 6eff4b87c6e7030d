"""Mail by SMTP, against a real server of aiosmtpd and against servers that misbehave.

1. A mail has one recipient, arrives whole, and keeps its Message-ID in every attempt; a doubtful repeat says so (F-27, F-30).
2. 5xx for the recipient or the text is final, 4xx is not; what is said for all letters counts as away.
3. Within its time limits, whatever the server does: silent, a byte at a time, gone after the text; only the last leaves doubt (F-30).
4. TLS: STARTTLS is required, certificates are checked, and nothing is sent without (F-31).
5. No name, subject or address becomes a header or a second recipient (A-45); texts with dots and odd lines arrive as they are.
6. The password is in no message, error or representation (A-66).
"""

from __future__ import annotations

import contextlib
import datetime
import email
import email.policy
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from plugins.email import BadSmtpUrl, Email, Smtp, channels
from plugins.email.settings import one_address
from runtime.channels import Again, Delivered, Letter, Refused

LETTER = Letter("复查提醒", "您好\n.\n..dots\nFrom me\n", "zh", "和心口腔")
SENDER = "clinic@example.org"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class Mailbox:
    """Takes mail, and answers as it is told."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.got: list[Envelope] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if "rcpt" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        self.got.append(envelope)
        return self.answers.get("data", "250 OK")


@contextlib.contextmanager
def serving(mailbox: Mailbox, **more: Any) -> Iterator[Smtp]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **more)
    controller.start()
    try:
        yield Smtp("127.0.0.1", controller.port, SENDER, "off")
    finally:
        controller.stop()


def sent(smtp: Smtp, letter: Letter = LETTER, to: str = "fang@example.org", **more: Any) -> Any:
    return Email(smtp, before=2, after=1, **more).send(letter, to, key="message:k1", doubtful=False)


def test_one_mail() -> None:
    """Requirement 1."""
    mailbox = Mailbox()
    with serving(mailbox) as smtp:
        channel = Email(smtp)
        first = channel.send(LETTER, "fang@example.org", key="k", doubtful=False)
        again = channel.send(LETTER, "fang@example.org", key="k", doubtful=True)
        other = channel.send(LETTER, "fang@example.org", key="k2", doubtful=False)
    assert first == again != other
    assert [(one.mail_from, one.rcpt_tos) for one in mailbox.got] == [(SENDER, ["fang@example.org"])] * 3
    mails = [email.message_from_bytes(one.content, policy=email.policy.default) for one in mailbox.got]  # type: ignore[arg-type]
    assert mails[0]["Message-ID"] == mails[1]["Message-ID"] == first.receipt
    assert [mail["X-Carework-Repeat"] for mail in mails] == [None, "possible", None]
    assert mails[0]["Subject"] == "复查提醒"
    assert mails[0]["From"].addresses[0].display_name == "和心口腔"
    assert mails[0].get_content().replace("\r\n", "\n") == LETTER.body
    assert b"From: " in mailbox.got[0].content  # type: ignore[operator]


@pytest.mark.parametrize(("answers", "expected"), [
    ({"rcpt": "550 no such user"}, Refused("RCPT answered 550")),
    ({"rcpt": "451 come back later"}, Again("RCPT answered 451", away=False)),
    ({"rcpt": "421 too busy"}, Again("RCPT answered 421", away=True)),
    ({"mail": "550 not you"}, Again("MAIL answered 550", away=True)),
    ({"data": "554 spam"}, Refused("the text was answered with 554")),
    ({"data": "451 disk full"}, Again("the text was answered with 451", away=False)),
])
def test_answers(answers: dict[str, str], expected: object) -> None:
    """Requirement 2."""
    with serving(Mailbox(**answers)) as smtp:
        assert sent(smtp) == expected


def test_nobody_there() -> None:
    """Requirement 2."""
    assert sent(Smtp("127.0.0.1", free_port(), SENDER, "off")) == Again("ConnectionRefusedError", away=True)


@contextlib.contextmanager
def misbehaving(serve: Callable[[socket.socket], None]) -> Iterator[Smtp]:
    """A server that does with each connection what it is told."""
    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=quietly, args=(connection,), daemon=True).start()

    def quietly(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            serve(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Smtp("127.0.0.1", listening.getsockname()[1], SENDER, "off")
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def dripping(connection: socket.socket) -> None:
    for byte in b"220 welcome to a very slow server, which takes its time for each letter\r\n" * 3:
        connection.sendall(bytes([byte]))
        time.sleep(0.2)


def until_the_text(connection: socket.socket) -> None:
    """Speaks as it should until it has the text; then it says nothing more."""
    lines = connection.makefile("rb")
    connection.sendall(b"220 ready\r\n")
    for line in lines:
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            break
        connection.sendall(b"250 OK\r\n")
    for line in lines:
        if line == b".\r\n":
            connection.recv(1)


@pytest.mark.parametrize("serve", [silent, dripping])
def test_time_is_limited(serve: Callable[[socket.socket], None]) -> None:
    """Requirement 3: nothing was handed over, so there is no doubt; the planted fault is a limit for each answer alone."""
    with misbehaving(serve) as smtp:
        began = time.monotonic()
        found = Email(smtp, before=0.8, after=0.8).send(LETTER, "fang@example.org", key="k", doubtful=False)
        assert isinstance(found, Again)
        assert found.away
        assert time.monotonic() - began < 15


def test_a_name_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requirement 3, F-31: the question is given up in time; one that answers "no such name" is not waited for."""
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *more, **named: answered.wait(20) and [])
    smtp = Smtp.of(f"smtp://mail.example.org?from={SENDER}&tls=none")
    began = time.monotonic()
    try:
        found = Email(smtp, before=0.5, after=0.5).send(LETTER, "fang@example.org", key="k", doubtful=False)
    finally:
        answered.set()
    assert isinstance(found, Again)
    assert found.away
    assert 0.4 < time.monotonic() - began < 15

    def unknown(*more: object, **named: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    began = time.monotonic()
    assert isinstance(Email(smtp, before=60).send(LETTER, "fang@example.org", key="k", doubtful=False), Again)
    assert time.monotonic() - began < 15


def test_silence_after_the_text_is_doubt() -> None:
    """Requirement 3."""
    with misbehaving(until_the_text) as smtp, pytest.raises(Exception, match="SMTPServerDisconnected|Timeout") as raised:
        sent(smtp)
    assert type(raised.value).__name__ == "Unanswered"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate that it signed itself, and the certificate."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


def test_tls(certificate: tuple[ssl.SSLContext, Path]) -> None:
    """Requirement 4: a certificate that is trusted and of that name, and three that are not."""
    context, file = certificate
    mailbox = Mailbox()
    logins: list[Any] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        logins.append(data.password)
        return AuthResult(success=True)

    trusting = lambda: ssl.create_default_context(cafile=str(file))  # noqa: E731
    with serving(mailbox, tls_context=context, authenticator=authenticate) as plain:
        start = Smtp("localhost", plain.port, SENDER, "start", "u", "zq-password")
        assert isinstance(sent(start, context=trusting), Delivered)
        assert logins == [b"zq-password"]
        assert sent(start) == Again("SSLCertVerificationError", away=True)
        assert sent(Smtp("127.0.0.1", plain.port, SENDER, "start", "u", "p"), context=trusting) == Again("SSLCertVerificationError", away=True)
    assert len(mailbox.got) == 1
    with serving(mailbox) as plain:
        start = Smtp("localhost", plain.port, SENDER, "start")
        assert sent(start, context=trusting) == Again("SMTPNotSupportedError", away=True)
    assert len(mailbox.got) == 1


@pytest.mark.parametrize("odd", [
    "Hi\r\nBcc: evil@example.com", "Hi\nBcc: evil@example.com", "Hi\x00\x0bBcc: evil@example.com", "a, b <evil@example.com>",
    "=?utf-8?q?Hi=0ABcc=3A_evil?=", "复查\u2028Bcc: evil@example.com", "\"'><svg/onload=1>{{7*7}}",
])
def test_header_injection(odd: str) -> None:
    """Requirement 5."""
    mailbox = Mailbox()
    with serving(mailbox) as smtp:
        assert isinstance(sent(smtp, Letter(odd, odd, "en", odd)), Delivered)
    [one] = mailbox.got
    mail = email.message_from_bytes(one.content, policy=email.policy.default)  # type: ignore[arg-type]
    assert one.rcpt_tos == ["fang@example.org"]
    assert sorted(mail.keys()) == sorted({
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version"})
    assert mail["Subject"] == " ".join("".join(char if char.isprintable() else " " for char in odd).split())
    assert [address.addr_spec for address in mail["From"].addresses] == [SENDER]
    assert [address.addr_spec for address in mail["To"].addresses] == ["fang@example.org"]


@pytest.mark.parametrize("text", [
    "a@example.com,b@example.com", "a@example.com b@example.com", "a@example.com\r\nRCPT TO:<b@example.com>", "<a@example.com>", "A <a@example.com>",
    "a@example.com;b@example.com", "a\x00@example.com", "a@", "@example.com", "a", "", "a@b@", "a@-", f"{'a' * 300}@example.com", "a@localhost",
])
def test_what_is_no_address(text: str) -> None:
    """Requirement 5."""
    assert one_address(text) == ""


def test_addresses() -> None:
    """Requirement 5: what is one."""
    assert one_address(" fang.wang+x@example.com ") == "fang.wang+x@example.com"
    assert one_address("fang@例子.cn") == "fang@xn--fsqu00a.cn"


def test_settings() -> None:
    """Requirement 6."""
    smtp = Smtp.of("smtps://us%40er:zq%2Fpassword@mail.example.org?from=clinic@example.org")
    assert smtp == Smtp("mail.example.org", 465, "clinic@example.org", "now", "us@er", "zq/password")
    assert "zq" not in repr(smtp)
    for url in (
        "smtp://u:zq-password@host?from=a,b", "smtp://u:zq-password@host?from=x@example.org&tls=off", "http://u:zq-password@host",
        "smtp://u:zq-password@host:port?from=x@example.org", "smtp://", "smtp://host",
    ):
        with pytest.raises(BadSmtpUrl, match="CAREWORK_SMTP_URL takes") as raised:
            Smtp.of(url)
        assert "zq-password" not in str(raised.value)
    [channel] = channels({})
    assert channel.missing == "CAREWORK_SMTP_URL is not set"
    assert channels({"CAREWORK_SMTP_URL": "smtp://u:p@host?from=x@example.org"})[0].missing == ""
