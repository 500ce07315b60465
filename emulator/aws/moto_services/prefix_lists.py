"""The prefix lists that AWS keeps: with the same ids each time, and unknown ones refused.

S3's and DynamoDB's have AWS's ids in the regions whose ids users' listings show; elsewhere an id
follows from the list's name. So they are the same in all accounts, as on AWS.
Source: VPC user guide, "AWS-managed prefix lists".
"""

import hashlib
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.managed_prefixes import ManagedPrefixList
from moto.ec2.responses import EC2Response

_IDS: Final = {
    "com.amazonaws.us-east-1.s3": "pl-63a5400a",
    "com.amazonaws.us-east-1.dynamodb": "pl-02cd2c6b",
    "com.amazonaws.us-east-2.s3": "pl-7ba54012",
    "com.amazonaws.us-east-2.dynamodb": "pl-4ca54025",
    "com.amazonaws.us-west-2.s3": "pl-68a54001",
    "com.amazonaws.us-west-2.dynamodb": "pl-00a54069",
    "com.amazonaws.eu-west-1.s3": "pl-6da54004",
    "com.amazonaws.eu-west-1.dynamodb": "pl-6fa54006",
    "com.amazonaws.eu-central-1.s3": "pl-6ea54007",
    "com.amazonaws.eu-central-1.dynamodb": "pl-66a5400f",
}


class PrefixListResponses(EC2Response):
    """Requests to EC2 about prefix lists."""

    def describe_prefix_lists(self) -> ActionResult:
        """Describe AWS's own prefix lists, with their blocks."""
        answer: Any = super().describe_prefix_lists()
        found = [
            {
                "Cidrs": [entry["Cidr"] for entry in listed.entries.get(1, [])],
                "PrefixListId": listed.id,
                "PrefixListName": listed.prefix_list_name,
            }
            for listed in answer.result["PrefixLists"]
        ]
        return ActionResult({"PrefixLists": found})


class PrefixLists(EC2Backend):
    """EC2 of one account in one region, with what it keeps of prefix lists."""

    def _create_aws_managed_prefix_list(
        self, name: str, address_family: str, entries: list[dict[str, str]]
    ) -> None:
        before = set(self.managed_prefix_lists)
        super()._create_aws_managed_prefix_list(name, address_family, entries)
        (made,) = set(self.managed_prefix_lists) - before
        listed = self.managed_prefix_lists.pop(made)
        listed.id = _IDS.get(name) or f"pl-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        listed.prefix_list_arn = (
            f"arn:{self.partition}:ec2:{self.region_name}:aws:prefix-list/{listed.id}"
        )
        self.managed_prefix_lists[listed.id] = listed

    def describe_managed_prefix_lists(
        self, prefix_list_ids: list[str] | None = None, filters: Any = None
    ) -> list[ManagedPrefixList]:
        """Describe the lists; each that is named is there."""
        for identifier in prefix_list_ids or []:
            self.check_prefix_list(identifier)
        return super().describe_managed_prefix_lists(prefix_list_ids, filters)

    def get_managed_prefix_list_entries(self, prefix_list_id: str) -> ManagedPrefixList | None:
        """Return the list that is there."""
        self.check_prefix_list(prefix_list_id)
        return super().get_managed_prefix_list_entries(prefix_list_id)

    def check_prefix_list(self, identifier: str) -> None:
        """Refuse a list that does not exist."""
        if identifier not in self.managed_prefix_lists:
            raise EC2ClientError(
                "InvalidPrefixListID.NotFound", f"The prefix list ID '{identifier}' does not exist"
            )
