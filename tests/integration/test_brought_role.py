"""The documents of a role that the user brings are read from IAM by the providers' look-ups."""

import json

import pytest

from infra.documents.execution_role import Grants, permissions_policy, trust_policy
from infra.naming import StackNames
from tests.integration.deployment import Deploy
from tests.program.configs import with_agents
from tests.stack_files import PROJECT

pytestmark = pytest.mark.engine


def test_the_one_permission_a_brought_role_lacks_is_all_that_is_said(deployment: Deploy) -> None:
    made = deployment("dev", {})
    role = f"arn:aws:iam::{made.account}:role/team/assistant"
    made.configure(with_agents("dev", assistant={"executionRoleArn": role}))
    names = StackNames(project=PROJECT, stack="dev", account_id=made.account, region="us-east-1")
    grants = Grants(repository_arn=names.repository_arn("agentcore-dev/assistant"))
    document = json.loads(permissions_policy(names, "assistant", grants))
    by_sid = {entry["Sid"]: entry for entry in document["Statement"]}
    del by_sid["ListLogGroups"]
    managed = by_sid.pop("WriteOwnLogs")
    iam = made.client("iam")
    iam.create_role(
        RoleName="assistant", Path="/team/", AssumeRolePolicyDocument=trust_policy(names)
    )
    iam.put_role_policy(
        RoleName="assistant",
        PolicyName="agent",
        PolicyDocument=json.dumps({**document, "Statement": list(by_sid.values())}),
    )
    policy = iam.create_policy(
        PolicyName="logs", PolicyDocument=json.dumps({**document, "Statement": [managed]})
    )
    iam.attach_role_policy(RoleName="assistant", PolicyArn=policy["Policy"]["Arn"])

    previewed = made.cli("preview")

    assert previewed.exit_code != 0
    findings = [line.strip() for line in previewed.text.splitlines() if line.startswith("      - ")]
    assert findings == [
        f"- {role}: logs:DescribeLogGroups on arn:aws:logs:us-east-1:{made.account}:log-group:* "
        "(required by agentcore:agents.assistant): no statement allows it"
    ], "trust, inline and managed policies were read; only what nobody grants is left"
    assert "Traceback" not in previewed.text
