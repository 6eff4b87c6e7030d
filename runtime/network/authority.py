"""A certificate authority for one installation: made once, kept private, good for the names of a local network alone."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import ipaddress
import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from filelock import FileLock

from runtime.network.addresses import LOCAL, is_address

__all__ = ["Authority", "BadAuthority", "folder_of"]

CA_DAYS = 3650
SERVER_DAYS = 90
RENEW_DAYS = 30
_SKEW = datetime.timedelta(days=1)
"""Clocks of phones may be behind."""
_LOCAL_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7", "fe80::/10",
                   "::1/128")
_LOCAL_DOMAINS = ("localhost", "local", "lan", "home.arpa", "internal")


class BadAuthority(Exception):
    """The authority cannot be used; the text says why and what to do."""


def folder_of(keys_path: Path) -> Path:
    """Where an installation keeps its authority: beside its keys."""
    return keys_path.with_suffix(".tls")


@dataclasses.dataclass(frozen=True, slots=True)
class Authority:
    """The authority in a folder. Its key never leaves the folder; the certificate is public.

    It may vouch for addresses of private networks, for local domains and for the names that it was made for, and says so in its certificate
    (RFC 5280, 4.2.1.10): whoever trusts it trusts it for nothing else, even if the key is stolen.
    """

    folder: Path
    certificate: x509.Certificate
    _key: ec.EllipticCurvePrivateKey = dataclasses.field(repr=False)

    @classmethod
    def load_or_make(cls, folder: Path, names: Iterable[str], now: datetime.datetime) -> Authority:
        """The authority of a folder, made when there is none. Raises BadAuthority."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / "lock"):
            if not (folder / "ca.pem").exists():
                _make(folder, tuple(names), now)
        return cls.load(folder, now)

    @classmethod
    def load(cls, folder: Path, now: datetime.datetime) -> Authority:
        """The authority of a folder. Raises BadAuthority, also when there is none."""
        path = folder / "ca.pem"
        try:
            text = path.read_bytes()
        except OSError as error:
            raise BadAuthority(f"there is no authority in {folder}; run: carework serve --tls auto") from error
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise BadAuthority(f"{path} can be read by others; run: chmod 600 {path}")
        try:
            key = serialization.load_pem_private_key(text, password=None)
            certificate = x509.load_pem_x509_certificate(text)
        except ValueError as error:
            raise BadAuthority(f"{path} is damaged; restore it, or remove it so that another is made, which phones must trust anew") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise BadAuthority(f"the key and the certificate in {path} do not belong together; restore it from your safe copy")
        if certificate.not_valid_after_utc <= now:
            raise BadAuthority(f"the authority in {path} has ended; remove it so that another is made, which phones must trust anew")
        return cls(folder, certificate, key)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as phones show it: pairs of hexadecimal digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex(":").upper()

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def server(self, names: Sequence[str], now: datetime.datetime) -> Path:
        """The file with certificate and key for a server of these names; made anew a month before it ends or when names were added.

        Raises BadAuthority for a name that it may not vouch for.
        """
        path = self.folder / "server.pem"
        with FileLock(self.folder / "lock"):
            if not self._serves(path, names, now):
                self._refuse(names)
                _write(path, self._issue(names, now))
        return path

    def _serves(self, path: Path, names: Sequence[str], now: datetime.datetime) -> bool:
        try:
            text = path.read_bytes()
            serialization.load_pem_private_key(text, password=None)
            held = x509.load_pem_x509_certificate(text)
            held.verify_directly_issued_by(self.certificate)
        except (OSError, ValueError, TypeError, x509.InvalidVersion) as error:
            if isinstance(error, PermissionError):
                raise BadAuthority(f"{path} cannot be read: {error.strerror}") from error
            return False
        except Exception:
            return False
        known = set(held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
        fresh = held.not_valid_before_utc <= now < held.not_valid_after_utc - datetime.timedelta(days=RENEW_DAYS)
        return fresh and known >= {_general(name) for name in names}

    def vouches(self, name: str) -> bool:
        """Whether its own certificate lets it vouch for a name or an address."""
        permitted = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
        if is_address(name):
            address = ipaddress.ip_address(name)
            networks = [one.value for one in permitted if isinstance(one, x509.IPAddress)]
            return any(isinstance(each, ipaddress.IPv4Network | ipaddress.IPv6Network) and address in each for each in networks)
        domains = [one.value for one in permitted if isinstance(one, x509.DNSName)]
        return any(name == domain or name.endswith(f".{domain}") for domain in domains)

    def _refuse(self, names: Iterable[str]) -> None:
        for name in names:
            if not self.vouches(name):
                raise BadAuthority(
                    f"the authority in {self.folder} vouches for addresses of private networks and the names that it was made for, not for "
                    f"'{name}'. Give --tls CERT KEY with a certificate for it, or remove the folder so that another authority is made for "
                    "it, which phones must trust anew")

    def _issue(self, names: Sequence[str], now: datetime.datetime) -> bytes:
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _signed_for(names[0], key, now, SERVER_DAYS)
            .issuer_name(self.certificate.subject)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(sign=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _private(key) + certificate.public_bytes(serialization.Encoding.PEM) + self.pem


def _make(folder: Path, names: Sequence[str], now: datetime.datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    title = f"Carework {next((name for name in names if name not in LOCAL), 'local')}"
    domains = dict.fromkeys((*_LOCAL_DOMAINS, *(name for name in names if not is_address(name))))
    networks = [ipaddress.ip_network(each) for each in (*_LOCAL_NETWORKS, *filter(is_address, names))]
    permitted = [*map(x509.DNSName, domains), *map(x509.IPAddress, dict.fromkeys(networks))]
    builder = _signed_for(title, key, now, CA_DAYS)
    certificate = (
        builder.issuer_name(_name(title))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.pem", _private(key) + certificate.public_bytes(serialization.Encoding.PEM))


def _signed_for(title: str, key: ec.EllipticCurvePrivateKey, now: datetime.datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder().subject_name(_name(title)).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW).not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(title: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])


def _usage(*, sign: bool = False, authority: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign, content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        key_cert_sign=authority, crl_sign=authority, encipher_only=False, decipher_only=False)


def _general(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if is_address(name) else x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _write(path: Path, content: bytes) -> None:
    """The whole file or none of it, for its owner alone: a server may read it at any moment."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
