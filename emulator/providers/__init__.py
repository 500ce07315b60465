"""The Pulumi side of the offline AWS: the providers `aws` and `aws-native`, attached to the engine.

They translate between Pulumi's provider protocol and the AWS API, which they reach through boto3
over HTTP like any client. They hold no AWS logic: what AWS accepts, refuses and answers is decided
on the other end of the wire.
"""
