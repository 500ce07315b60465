"""Container images: an OCI layout, and its push into ECR through the ECR API.

The same code serves the offline AWS and the real one; only the endpoint differs, by boto3's own
`AWS_ENDPOINT_URL`. Knows nothing of the Pulumi program.
"""
