"""moto's WSGI application, serving the account that the front has found the caller in."""

import os
from typing import TYPE_CHECKING, Any, cast

import moto.moto_server.werkzeug_app as moto_server  # pyright: ignore[reportMissingTypeStubs]

from emulator.aws.moto_services import container_images, identity

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


def application() -> "WSGIApplication":
    """Return moto's application, with our ECR and IAM in the place of moto's."""
    # An account of the environment would win over the request's: see moto's get_current_account.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    container_images.install()
    identity.install()
    server = cast("Any", moto_server)
    return server.DomainDispatcherApplication(server.create_backend_app)


def set_account(environ: "WSGIEnvironment", account: str) -> None:
    """Serve the request in this account, whatever its access key or headers say."""
    environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
