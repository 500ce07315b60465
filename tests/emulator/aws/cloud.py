"""An account of the offline AWS as its tests use it: through boto3, like anybody else."""

import hashlib
import json
import secrets
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.judgement.response_judge import judge_responses

if TYPE_CHECKING:
    from mypy_boto3_bedrock_agentcore_control import BedrockAgentCoreControlClient
    from mypy_boto3_cloudcontrol import CloudControlApiClient
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient

RUNTIME = "AWS::BedrockAgentCore::Runtime"
ENDPOINT = "AWS::BedrockAgentCore::RuntimeEndpoint"
REGION = "us-east-1"

JsonObject = dict[str, Any]

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_INDEX = "application/vnd.oci.image.index.v1+json"


class RequestFailedError(Exception):
    """A resource request ended FAILED."""

    def __init__(self, event: Mapping[str, Any]) -> None:
        super().__init__(f"{event.get('ErrorCode')}: {event.get('StatusMessage')}")
        self.code = str(event.get("ErrorCode"))
        self.message = str(event.get("StatusMessage"))


def ask(method: str, url: str, body: bytes | None = None) -> JsonObject:
    """Ask the offline AWS itself, without a signature."""
    request = urllib.request.Request(url, body, method=method)  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def random_account() -> str:
    """An account that nobody else has, without the leading zero that YAML takes from a number."""
    return f"{10**11 + secrets.randbelow(9 * 10**11)}"


def code_of(error: ClientError) -> str:
    """Return the error's code, as AWS named it."""
    return error.response.get("Error", {}).get("Code", "")


@dataclass(frozen=True)
class Cloud:
    """One account, with what the tests do again and again."""

    url: str
    account: str

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client of the account."""
        given = {
            "aws_access_key_id": self.account,
            "aws_secret_access_key": "offline",
            "region_name": REGION,
            **options,
        }
        config = Config(retries={"total_max_attempts": 1}, read_timeout=20)
        client = cast("Any", boto3).client(service, endpoint_url=self.url, config=config, **given)
        return judge_responses(client)

    @cached_property
    def control(self) -> "CloudControlApiClient":
        return self.client("cloudcontrol")

    @cached_property
    def agentcore(self) -> "BedrockAgentCoreControlClient":
        return self.client("bedrock-agentcore-control")

    @cached_property
    def iam(self) -> "IAMClient":
        return self.client("iam")

    @cached_property
    def ecr(self) -> "ECRClient":
        return self.client("ecr")

    # Cloud Control -----------------------------------------------------------------------------

    def create(self, desired: Mapping[str, Any], type_name: str = RUNTIME) -> str:
        """Create a resource and return its identifier; raises RequestFailedError."""
        answer = self.control.create_resource(TypeName=type_name, DesiredState=json.dumps(desired))
        return self.finished(answer["ProgressEvent"].get("RequestToken", ""))

    def read(self, identifier: str, type_name: str = RUNTIME) -> JsonObject:
        answer = self.control.get_resource(TypeName=type_name, Identifier=identifier)
        return json.loads(answer["ResourceDescription"].get("Properties", ""))

    def update(
        self, identifier: str, patch: Sequence[Mapping[str, Any]], type_name: str = RUNTIME
    ) -> None:
        answer = self.control.update_resource(
            TypeName=type_name, Identifier=identifier, PatchDocument=json.dumps(patch)
        )
        self.finished(answer["ProgressEvent"].get("RequestToken", ""))

    def delete(self, identifier: str, type_name: str = RUNTIME) -> None:
        answer = self.control.delete_resource(TypeName=type_name, Identifier=identifier)
        self.finished(answer["ProgressEvent"].get("RequestToken", ""))

    def finished(self, token: str) -> str:
        """Wait for the request's end and return its identifier; raises RequestFailedError."""
        while True:
            event = self.control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
            match event.get("OperationStatus"):
                case "SUCCESS":
                    return event.get("Identifier", "")
                case "FAILED" | "CANCEL_COMPLETE":
                    raise RequestFailedError(event)
                case _:
                    time.sleep(0.005)

    def fault(self, **wanted: Any) -> None:
        """Ask the offline AWS for a fault in this account."""
        document = json.dumps({"account": self.account, **wanted}).encode()
        ask("POST", f"{self.url}/_emulator/faults", document)

    # What a runtime needs -----------------------------------------------------------------------

    def repository(self, name: str = "agents/assistant") -> str:
        """Create a repository and return its URI."""
        answer = self.ecr.create_repository(repositoryName=name)
        return answer["repository"].get("repositoryUri", "")

    def push(
        self,
        architecture: str = "arm64",
        tag: str = "v1",
        repository: str = "agents/assistant",
        size: int = 0,
    ) -> str:
        """Push a small image of this architecture and return its digest.

        `size` is what its manifest says of its layer, where it is not to say the truth.
        """
        config = json.dumps({"os": "linux", "architecture": architecture}).encode()
        layer = self._layer(repository, config)
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": layer,
                "layers": [{**layer, "size": size or layer["size"]}],
            }
        )
        answer = self.ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=tag)
        return answer["image"].get("imageId", {}).get("imageDigest", "")

    def push_index(self, platforms: Mapping[str, str], tag: str) -> str:
        """Push an index that says digest -> architecture."""
        manifests = [
            {
                "mediaType": _MANIFEST,
                "digest": digest,
                "size": 1,
                "platform": {"os": "linux", "architecture": architecture},
            }
            for digest, architecture in platforms.items()
        ]
        index = {"schemaVersion": 2, "mediaType": _INDEX, "manifests": manifests}
        answer = self.ecr.put_image(
            repositoryName="agents/assistant", imageManifest=json.dumps(index), imageTag=tag
        )
        return answer["image"].get("imageId", {}).get("imageDigest", "")

    def _layer(self, repository: str, blob: bytes) -> JsonObject:
        digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        known = self.ecr.batch_check_layer_availability(
            repositoryName=repository, layerDigests=[digest]
        )
        if not known.get("layers"):
            upload = self.ecr.initiate_layer_upload(repositoryName=repository).get("uploadId", "")
            self.ecr.upload_layer_part(
                repositoryName=repository,
                uploadId=upload,
                partFirstByte=0,
                partLastByte=len(blob) - 1,
                layerPartBlob=blob,
            )
            self.ecr.complete_layer_upload(
                repositoryName=repository, uploadId=upload, layerDigests=[digest]
            )
        return {"mediaType": "application/octet-stream", "digest": digest, "size": len(blob)}

    def role(
        self,
        name: str = "execution",
        *,
        trust: JsonObject | None = None,
        permissions: JsonObject | None = None,
        **options: Any,
    ) -> str:
        """Create an execution role and return its ARN."""
        answer = self.iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(trust or self.trust()),
            **options,
        )
        self.iam.put_role_policy(
            RoleName=name,
            PolicyName="permissions",
            PolicyDocument=json.dumps(permissions or self.permissions()),
        )
        return answer["Role"]["Arn"]

    def trust(
        self,
        *,
        service: str = "bedrock-agentcore.amazonaws.com",
        account: str | None = None,
        source: str = "*",
    ) -> JsonObject:
        """Return the documented trust policy of an execution role."""
        owner = account or self.account
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": service},
                    "Action": "sts:AssumeRole",
                    "Condition": {
                        "StringEquals": {"aws:SourceAccount": owner},
                        "ArnLike": {
                            "aws:SourceArn": f"arn:aws:bedrock-agentcore:{REGION}:{owner}:{source}"
                        },
                    },
                }
            ],
        }

    def permissions(self, *statements: JsonObject, without: str = "") -> JsonObject:
        """Return the rights to pull images, less one action, with further statements."""
        repositories = f"arn:aws:ecr:{REGION}:{self.account}:repository/*"
        pull = [
            {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {"Effect": "Allow", "Action": "ecr:BatchGetImage", "Resource": repositories},
            {"Effect": "Allow", "Action": "ecr:GetDownloadUrlForLayer", "Resource": repositories},
        ]
        kept = [statement for statement in pull if statement["Action"] != without]
        return {"Version": "2012-10-17", "Statement": [*kept, *statements]}

    def network(self, zone_id: str = "use1-az1", cidr: str = "10.0.0.0/16") -> tuple[str, str]:
        """Make a VPC with a subnet in the availability zone; returns subnet and security group."""
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(
            VpcId=vpc, CidrBlock=cidr.replace("/16", "/24"), AvailabilityZoneId=zone_id
        )["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="agents", Description="agents", VpcId=vpc)
        return subnet, group["GroupId"]

    def key(self) -> str:
        """Make a KMS key and return its ARN."""
        return self.client("kms").create_key(KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False)[
            "KeyMetadata"
        ]["Arn"]

    def compute(self, subnets: Sequence[str], groups: Sequence[str], **changes: Any) -> JsonObject:
        """Return a ComputeConfiguration of a capacity provider in the network."""
        launch = {
            "OperatingSystem": "LINUX_ARM64",
            "InstanceRequirements": {"AllowedInstanceTypes": ["m7g.large"]},
        }
        ec2: JsonObject = {
            "LaunchTemplateSource": {"LaunchParameters": launch},
            "VpcConfiguration": {"Subnets": [*subnets], "SecurityGroups": [*groups]},
            **changes,
        }
        return {"Ec2Configuration": ec2}

    def runtime(self, **changes: Any) -> JsonObject:
        """Return a desired state that is accepted when role and image are there."""
        registry = f"{self.account}.dkr.ecr.{REGION}.amazonaws.com"
        desired: JsonObject = {
            "AgentRuntimeName": "assistant",
            "AgentRuntimeArtifact": {
                "ContainerConfiguration": {"ContainerUri": f"{registry}/agents/assistant:v1"}
            },
            "RoleArn": f"arn:aws:iam::{self.account}:role/execution",
            "NetworkConfiguration": {"NetworkMode": "PUBLIC"},
            "Tags": {"Project": "assistant"},
        }
        desired.update(changes)
        return {name: value for name, value in desired.items() if value is not None}

    def image(self, tag_or_digest: str) -> JsonObject:
        """Return the artifact of the runtime with another tag (`:v2`) or digest (`@sha256:…`)."""
        registry = f"{self.account}.dkr.ecr.{REGION}.amazonaws.com"
        uri = f"{registry}/agents/assistant{tag_or_digest}"
        return {"ContainerConfiguration": {"ContainerUri": uri}}

    def prepared(self) -> "Cloud":
        """Put role, repository and image in place."""
        self.repository()
        self.push()
        self.role()
        return self
