"""How a cluster that is somebody else's is reached."""

from pathlib import Path

from temporalio.service import TLSConfig

from orchestration.engine.client import Credentials
from orchestration.engine.rpc import tls_of


def test_the_embedded_engine_needs_nothing() -> None:
    assert tls_of(Credentials()) is False


def test_an_api_key_is_only_ever_sent_over_tls_and_never_printed() -> None:
    credentials = Credentials(api_key="very secret")
    assert tls_of(credentials) is True
    assert "very secret" not in repr(credentials)


def test_a_client_certificate_goes_with_its_key(tmp_path: Path) -> None:
    for name in ("cert.pem", "key.pem"):
        (tmp_path / name).write_text(name)
    tls = tls_of(Credentials(certificate=tmp_path / "cert.pem", key=tmp_path / "key.pem"))
    assert tls == TLSConfig(client_cert=b"cert.pem", client_private_key=b"key.pem")


def test_a_private_authority_switches_tls_on(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("ca")
    tls = tls_of(Credentials(authority=tmp_path / "ca.pem", server_name="temporal.example"))
    assert tls == TLSConfig(server_root_ca_cert=b"ca", domain="temporal.example")
