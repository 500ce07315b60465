"""X-Ray as moto has it, and where it sends trace segments, which moto lacks.

To CloudWatch Logs (Transaction Search) only when a resource policy of Logs lets X-Ray write there.
The change is PENDING in its own answer and ACTIVE from then on; AWS takes minutes.
Sources: X-Ray API reference, UpdateTraceSegmentDestination; CloudWatch user guide, "Enable
transaction search"; messages as users' logs show them.
"""

import json
from typing import Any, cast

from moto.utilities.utils import get_partition
from moto.xray.models import XRayBackend, xray_backends
from moto.xray.responses import XRayResponse

from emulator.aws.iam_evaluation import Action, Decision, decide
from emulator.aws.moto_services.backend_urls import BackendUrls
from emulator.aws.moto_services.refused import Refused
from emulator.aws.moto_services.stricter import backends

_DESTINATIONS = ("XRay", "CloudWatchLogs")
_OPERATIONS = ("GetTraceSegmentDestination", "UpdateTraceSegmentDestination")


class TraceResponses(XRayResponse):
    """Requests to X-Ray."""

    def get_trace_segment_destination(self) -> str:
        """Answer where segments go."""
        destination = cast("TraceDestination", self.xray_backend).destination
        return json.dumps({"Destination": destination, "Status": "ACTIVE"})

    def update_trace_segment_destination(self) -> str:
        """Send segments somewhere else."""
        destination = self._get_param("Destination")
        cast("TraceDestination", self.xray_backend).send_to(destination)
        return json.dumps({"Destination": destination, "Status": "PENDING"})


class TraceDestination(BackendUrls, XRayBackend):
    """X-Ray of one account in one region."""

    responses = TraceResponses
    own_paths = tuple(f"{{0}}/{operation}$" for operation in _OPERATIONS)

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.destination = "XRay"

    def send_to(self, destination: str) -> None:
        """Send segments there from here on. Refuses what is no change, and what may not be."""
        if destination not in _DESTINATIONS:
            raise Refused(
                "InvalidRequestException", f"Destination must be one of {', '.join(_DESTINATIONS)}"
            )
        if destination == self.destination:
            raise Refused(
                "InvalidRequestException", f"The destination is already set to {destination}"
            )
        if destination == "CloudWatchLogs" and not self._may_write():
            raise Refused(
                "AccessDeniedException",
                "XRay does not have permission to call PutLogEvents on the aws/spans Log Group",
            )
        self.destination = destination

    def _may_write(self) -> bool:
        place = f"{self.region_name}:{self.account_id}"
        partition = get_partition(self.region_name)
        logs: Any = backends("logs")[self.account_id][self.region_name]
        asked = Action(
            "logs:PutLogEvents",
            resource=f"arn:{partition}:logs:{place}:log-group:aws/spans:*",
            principals=frozenset({"Service:xray.amazonaws.com"}),
            context={
                "aws:SourceAccount": self.account_id,
                "aws:SourceArn": f"arn:{partition}:xray:{place}:trace-segment-destination",
            },
        )
        policies = [policy.policy_document for policy in logs.resource_policies.values()]
        return decide(policies, asked) is Decision.ALLOW


def install() -> None:
    """Make moto use this X-Ray for every account."""
    xray_backends.backend = TraceDestination
