"""moto's WSGI application, serving the account that the front has found the caller in."""

import inspect
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import moto.core.responses
import moto.moto_server.werkzeug_app as moto_server  # pyright: ignore[reportMissingTypeStubs]

from emulator.aws.moto_services import botocore_data, instance_tracking, instance_type_offerings
from emulator.aws.moto_services.container_images import LayerDownloads
from emulator.aws.moto_services.stricter import make_stricter

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


class MethodNames:
    """The names of a class's methods, as far as somebody asks for one.

    moto lists all members of a service's class to find one action, for each request: a quarter of
    the time of EC2's.
    """

    def __init__(self, clazz: type[object]) -> None:
        """Look at nothing yet."""
        self._class = clazz

    def __contains__(self, name: str) -> bool:
        """Whether it is a method."""
        return inspect.isfunction(getattr(self._class, name, None))


def application() -> "WSGIApplication":
    """Return moto's application, made stricter where AWS is."""
    # An account of the environment would win over the request's: see moto's get_current_account.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    make_stricter("ecr")
    make_stricter("iam")
    instance_tracking.uninstall()
    botocore_data.share()
    instance_type_offerings.skip()
    server = cast("Any", moto_server)

    def serve(service: str) -> "WSGIApplication":
        make_stricter(service)
        return server.create_backend_app(service)

    cast("Any", moto.core.responses).method_names_from_class = MethodNames

    dispatcher = server.DomainDispatcherApplication(serve)
    # moto lists its own folder twice for each request to find the service of a host.
    dispatcher.get_backend_for_host = lru_cache(dispatcher.get_backend_for_host)
    return LayerDownloads(dispatcher)


def set_account(environ: "WSGIEnvironment", account: str) -> None:
    """Serve the request in this account, whatever its access key or headers say."""
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
