"""Lets moto forget what was deleted.

moto lists every object it ever made on the object's class, for the reset and the dashboard of its
own API. Neither is served here, and with the list the images' layers would stay for ever.
"""

from typing import Any, cast

from moto.core.common_models import BaseModel


def uninstall() -> None:
    """Make moto's models without listing them."""
    cast("Any", BaseModel).__new__ = _untracked


def _untracked(cls: type[object], *_arguments: object, **_options: object) -> object:
    return object.__new__(cls)
