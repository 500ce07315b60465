"""How each AWS service says that it is called too often. Clients retry exactly these codes.

Sources: EC2 API reference, "Error codes"; the common errors of the query protocol, as in the IAM
API reference; the error shapes of the JSON services in botocore's models. botocore's standard retry
mode (botocore/retries/standard.py) takes each of these codes for throttling.
"""

from emulator.aws.errors import AwsError

_MESSAGE = "Rate exceeded"


def throttling(service: str, content_type: str) -> AwsError:
    """Return the error with which a service, by its signing name, refuses a call too many."""
    if service == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if service == "bedrock-agentcore":
        return AwsError("ThrottlingException", _MESSAGE, 429)
    if content_type.startswith("application/x-www-form-urlencoded"):
        return AwsError("Throttling", _MESSAGE, 400)
    return AwsError("ThrottlingException", _MESSAGE, 400)
