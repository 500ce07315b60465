"""AWS errors, and how each AWS protocol writes them on the wire."""

import json
import uuid
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

CBOR = "application/cbor"
_FORM = "application/x-www-form-urlencoded"


class AwsError(Exception):
    """An error as an AWS service answers it: a code, a message and an HTTP status.

    `members` are what the code's shape has besides the message, such as a reason.
    """

    def __init__(self, code: str, message: str, status: int = 400, **members: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


def error_response(error: AwsError, *, content_type: str, service: str) -> Response:
    """Write the error in the protocol the request was made in.

    EC2 and the query protocol answer XML, S3 its own XML, CloudWatch CBOR; all others JSON.
    """
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": request_id, "x-amzn-errortype": error.code}
    if CBOR in content_type:
        body = _cbor_map({"__type": error.code, "message": error.message})
        headers["smithy-protocol"] = "rpc-v2-cbor"
        return Response(body, error.status, headers, content_type=CBOR)
    fields = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    if service == "ec2":
        xml = (
            f"<Response><Errors><Error>{fields}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    elif service == "s3":
        xml = f"<Error>{fields}<RequestId>{request_id}</RequestId></Error>"
    elif content_type.startswith(_FORM):
        xml = (
            f"<ErrorResponse><Error><Type>Sender</Type>{fields}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        document = json.dumps({"__type": error.code, "message": error.message, **error.members})
        return Response(document, error.status, headers, content_type="application/x-amz-json-1.0")
    return Response(xml, error.status, headers, content_type="text/xml")


def _cbor_map(fields: dict[str, str]) -> bytes:
    """Encode a small map of texts (RFC 8949, major types 5 and 3)."""
    encoded = bytes([0xA0 | len(fields)])
    for text in (part for pair in fields.items() for part in pair):
        raw = text.encode()
        encoded += b"\x79" + len(raw).to_bytes(2, "big") + raw
    return encoded
