"""The error with which a stricter service refuses a request."""

import warnings
from typing import Final

from moto.core.exceptions import ServiceException

# moto warns of codes that a service's model does not declare. AWS answers some, such as Logs'
# AccessDeniedException; which ones are right is a matter of the sources named in each module.
UNDECLARED: Final = r"Exception\(Refused\) with code \w+ does not match an error shape"
warnings.filterwarnings("ignore", UNDECLARED)


class Refused(ServiceException):
    """An error of AWS's, by code and message; moto writes it in the service's protocol.

    moto takes the service of an error of its own from the module that it is defined in: this
    class is outside moto, so that it serves all of them.
    """

    def __init__(self, code: str, message: str, **members: str) -> None:
        super().__init__(code, message)
        for name, value in members.items():
            setattr(self, name, value)
