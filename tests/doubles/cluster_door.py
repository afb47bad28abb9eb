"""The door of a Temporal cluster: TLS, and whoever comes without what it asks for is sent away.
Behind it is a real server; every call is passed on as it came."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SERVER_NAME = "temporal.example"


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates into a folder."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._own = self._signed(
            self._name, self._key, x509.BasicConstraints(ca=True, path_length=None)
        )
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._own.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._signed(subject, key, x509.SubjectAlternativeName([x509.DNSName(name)]))
        pair = Pair(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        pair.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        pair.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return pair

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )


@dataclass
class Door(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Passes calls on; with a `key` only those that bring it."""

    behind: Any
    key: str = ""
    refused: int = 0
    namespaces: set[str] = field(default_factory=set)

    def service(self, details: Any) -> Any:
        given = dict(details.invocation_metadata)
        if namespace := given.get("temporal-namespace"):
            self.namespaces.add(namespace)
        return grpc.unary_unary_rpc_method_handler(
            self._passed_on(details.method, given.get("authorization", ""))
        )

    def _passed_on(self, method: str, brought: str) -> Callable[[bytes, Any], Any]:
        async def call(request: bytes, context: Any) -> bytes:
            if self.key and brought != f"Bearer {self.key}":
                self.refused += 1
                await context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
            try:
                answer: bytes = await self.behind.unary_unary(method)(
                    request, timeout=context.time_remaining()
                )
            except grpc.aio.AioRpcError as error:
                context.set_trailing_metadata(error.trailing_metadata())
                await context.abort(error.code(), error.details())
            return answer

        return call


@asynccontextmanager
async def door(
    behind: str, server: Pair, *, clients: Authority | None = None, key: str = ""
) -> AsyncIterator[tuple[str, Door]]:
    """Its address. With `clients` only who has a certificate of theirs can speak to it."""
    credentials = grpc.ssl_server_credentials(
        [(server.key.read_bytes(), server.certificate.read_bytes())],
        root_certificates=clients.file.read_bytes() if clients else None,
        require_client_auth=clients is not None,
    )
    async with grpc.aio.insecure_channel(behind) as channel:
        one = Door(channel, key)
        listening = grpc.aio.server(handlers=[one])
        port = listening.add_secure_port("127.0.0.1:0", credentials)
        await listening.start()
        try:
            yield f"127.0.0.1:{port}", one
        finally:
            await listening.stop(grace=0)
