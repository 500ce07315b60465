"""moto's WSGI application, serving the account that the front has found the caller in."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from emulator.aws.moto_services import container_images

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def application() -> "WSGIApplication":
    """Return moto's application, with our registry in the place of moto's."""
    # An account of the environment would win over the request's: see moto's get_current_account.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    container_images.install()
    dispatch: Callable[..., WSGIApplication] = DomainDispatcherApplication
    return dispatch(create_backend_app)


def set_account(environ: "WSGIEnvironment", account: str) -> None:
    """Serve the request in this account, whatever its access key or headers say."""
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
