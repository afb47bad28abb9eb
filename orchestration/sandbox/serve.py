"""The process around a provider: gRPC on a Unix socket, announced as Terraform expects it.

Source: https://github.com/hashicorp/go-plugin/blob/main/docs/guide-plugin-write-non-go.md
"""

import base64
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from orchestration.sandbox.provider import Provider
from orchestration.sandbox.wire import Message, decode, encode

_CALLS: dict[str, tuple[str, str, str]] = {
    "GetMetadata": ("get_metadata", "Empty", "Metadata"),
    "GetProviderSchema": ("get_provider_schema", "Empty", "Schemas"),
    "ValidateProviderConfig": ("accept", "ProviderConfig", "ProviderDiagnostics"),
    "ValidateResourceConfig": ("validate", "ResourceConfig", "Diagnostics"),
    "ValidateDataResourceConfig": ("accept", "ResourceConfig", "Diagnostics"),
    "UpgradeResourceState": ("upgrade", "Upgrade", "Upgraded"),
    "ConfigureProvider": ("configure", "Configure", "Diagnostics"),
    "ReadResource": ("read", "Read", "ReadResult"),
    "PlanResourceChange": ("plan", "Plan", "PlanResult"),
    "ApplyResourceChange": ("apply", "Apply", "ApplyResult"),
    "ImportResourceState": ("import_", "Import", "Imported"),
    "ReadDataSource": ("read_data", "ResourceConfig", "Data"),
    "StopProvider": ("stop", "Empty", "Empty"),
}
_THREADS = 32
_PARENT_CHECK_S = 0.5
_LAST_ANSWER_S = 0.5


def serve(provider: Provider) -> None:
    """Answer calls until Terraform says so, or is gone."""
    done = threading.Event()
    server = grpc.server(ThreadPoolExecutor(_THREADS))
    server.add_generic_rpc_handlers(
        (
            grpc.method_handlers_generic_handler("tfplugin6.Provider", _provider_calls(provider)),
            grpc.method_handlers_generic_handler("plugin.GRPCController", _controller(done)),
            grpc.method_handlers_generic_handler("plugin.GRPCStdio", _stdio()),
        )
    )
    with tempfile.TemporaryDirectory(prefix="signoff-provider-") as folder:
        socket = Path(folder) / "socket"
        certificate = _listen(server, f"unix:{socket}")
        server.start()
        sys.stdout.write(f"1|6|unix|{socket}|grpc|{certificate}\n")
        sys.stdout.flush()
        parent = os.getppid()
        while not done.wait(_PARENT_CHECK_S) and os.getppid() == parent:
            pass
        server.stop(_LAST_ANSWER_S).wait()
    os._exit(0)


def _provider_calls(provider: Provider) -> dict[str, Any]:
    return {
        call: grpc.unary_unary_rpc_method_handler(
            _guarded(getattr(provider, method)),
            request_deserializer=lambda data, message=request: decode(message, data),
            response_serializer=lambda value, message=answer: encode(message, value),
        )
        for call, (method, request, answer) in _CALLS.items()
    }


def _guarded(method: Callable[[Message], Message]) -> Callable[[Message, Any], Message]:
    def answer(request: Message, context: Any) -> Message:
        try:
            return method(request)
        except Exception:
            traceback.print_exc()
            context.abort(grpc.StatusCode.INTERNAL, traceback.format_exc(limit=3))
            raise

    return answer


def _controller(done: threading.Event) -> dict[str, Any]:
    def shutdown(_request: bytes, _context: Any) -> bytes:
        done.set()
        return b""

    return {"Shutdown": grpc.unary_unary_rpc_method_handler(shutdown)}


def _stdio() -> dict[str, Any]:
    """Terraform asks for a stream of output; it has to end at once."""
    return {
        "StreamStdio": grpc.unary_stream_rpc_method_handler(lambda _request, _context: iter(()))
    }


def _listen(server: Any, address: str) -> str:
    """Open the address; the certificate to announce, or "" if Terraform did not ask for TLS."""
    if not os.environ.get("PLUGIN_CLIENT_CERT"):
        server.add_insecure_port(address)
        return ""
    from orchestration.sandbox.certificate import self_signed

    key, certificate, der = self_signed()
    server.add_secure_port(address, grpc.ssl_server_credentials([(key, certificate)]))
    return base64.b64encode(der).decode().rstrip("=")
