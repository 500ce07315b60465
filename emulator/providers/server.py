"""The gRPC servers the Pulumi engine attaches to, a pair for each account."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import grpc.aio
from pulumi.runtime.proto import provider_pb2_grpc

from emulator.providers.aws.provider import AwsProvider
from emulator.providers.aws_native.provider import AwsNativeProvider
from emulator.providers.clients import Clients
from emulator.providers.servicer import Servicer

MESSAGE_LIMIT = 400 * 1024 * 1024
"""Bytes; what the engine itself accepts, so that no state is too large for us alone."""

PARALLEL_CALLS = 64
"""Operations of one emulator process at a time. They mostly wait for AWS."""


class ProviderServers:
    """The providers of any number of accounts, served from one background event loop.

    Thread-safe. Servers listen on loopback and hold no resources: all state is at AWS and with the
    engine.
    """

    def __init__(self, endpoint_url: str) -> None:
        """Prepare; nothing listens before `open`.

        Args:
            endpoint_url: Where the offline AWS answers.
        """
        self._endpoint_url = endpoint_url
        self._lock = threading.Lock()
        self._ports: dict[str, dict[str, int]] = {}
        self._servers: list[Any] = []
        self._clients: list[Clients] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def open(self, account: str) -> dict[str, int]:
        """The ports of an account's providers by package; they listen once this returns."""
        with self._lock:
            if account not in self._ports:
                loop = self._running_loop()
                self._ports[account] = asyncio.run_coroutine_threadsafe(
                    self._serve(account), loop
                ).result()
            return dict(self._ports[account])

    def close(self) -> None:
        """Stop listening at once and end the background thread; calls under way are cut off."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = self._thread = None
            self._ports.clear()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._loop.set_default_executor(
                ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="provider-call")
            )
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="providers", daemon=True
            )
            self._thread.start()
        return self._loop

    async def _serve(self, account: str) -> dict[str, int]:
        clients = Clients(self._endpoint_url, account)
        self._clients.append(clients)
        ports: dict[str, int] = {}
        for provider in (AwsProvider(clients), AwsNativeProvider(clients)):
            server = grpc.aio.server(
                options=[
                    ("grpc.max_send_message_length", MESSAGE_LIMIT),
                    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
                ]
            )
            # The version of the SDK package: with an older one every command warns.
            servicer = Servicer(version(f"pulumi-{provider.package}"), provider)
            add: Any = provider_pb2_grpc.add_ResourceProviderServicer_to_server
            add(servicer, server)
            ports[provider.package] = server.add_insecure_port("127.0.0.1:0")
            await server.start()
            self._servers.append(server)
        return ports

    async def _stop(self) -> None:
        await asyncio.gather(*(server.stop(grace=None) for server in self._servers))
        self._servers.clear()
        for clients in self._clients:
            clients.closing.set()
        self._clients.clear()
        await asyncio.get_running_loop().shutdown_default_executor()
