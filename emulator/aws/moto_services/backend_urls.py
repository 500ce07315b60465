"""Where moto finds the URLs of a backend that is derived from one of its own."""

import importlib
from types import ModuleType, SimpleNamespace
from typing import ClassVar, cast

from moto.core.responses import BaseResponse


class BackendUrls:
    """Put before moto's class: it would look for the URLs beside the derived one.

    `responses` answer in the place of moto's own, at moto's paths and at `own_paths`.
    """

    responses: ClassVar[type[BaseResponse] | None] = None
    own_paths: ClassVar[tuple[str, ...]] = ()

    @property
    def _url_module(self) -> ModuleType:
        motos = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("moto."))
        package, service, *_ = motos.__module__.split(".")
        urls = importlib.import_module(f"{package}.{service}.urls")
        if self.responses is None:
            return urls
        paths = dict.fromkeys([*urls.url_paths, *self.own_paths], self.responses.dispatch)
        return cast("ModuleType", SimpleNamespace(url_bases=urls.url_bases, url_paths=paths))
