"""Actions that lead to more permissions than they are: alone, or several of them together.

From the escalation paths that Prowler, Cloudsplaining and pmapper publish, and those of AgentCore:
what runs as a role (a runtime, a code interpreter, a browser) gives its credentials to whoever
decides what runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agentcore_policies.iam_actions import Action

COMMANDS: Final = frozenset(
    {
        "bedrock-agentcore:invokeagentruntimecommand",
        "bedrock-agentcore:invokeagentruntimecommandshell",
    }
)


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """Actions that together make their holder more than they allow.

    Attributes:
        actions: all of them are needed.
        service: what a role is passed to, where one is passed.
        what: what the holder can do then.
        on: where it is none when the resources are named: part of the ARN of what runs as a role.
    """

    actions: Sequence[str]
    what: str
    service: str = ""
    on: str = ""


def _alone(what: str, *actions: str) -> list[Escalation]:
    return [Escalation(actions=(action,), what=what) for action in actions]


def _passing(service: str, *actions: str) -> Escalation:
    return Escalation(
        actions=("iam:PassRole", *actions),
        service=service,
        what="run something of their own as the passed role",
    )


_AGENTCORE: Final = "bedrock-agentcore.amazonaws.com"
_LAMBDA: Final = "lambda.amazonaws.com"

ALONE: Final = (
    *_alone(
        "change what a policy grants",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
    ),
    *_alone(
        "grant permissions to anyone, themselves included",
        "iam:AttachGroupPolicy",
        "iam:AttachRolePolicy",
        "iam:AttachUserPolicy",
        "iam:PutGroupPolicy",
        "iam:PutRolePolicy",
        "iam:PutUserPolicy",
        "iam:AddUserToGroup",
    ),
    *_alone(
        "lift the bounds of a role or user",
        "iam:DeleteRolePermissionsBoundary",
        "iam:DeleteUserPermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
        "iam:PutUserPermissionsBoundary",
    ),
    *_alone("assume a role by changing who may", "iam:UpdateAssumeRolePolicy"),
    *_alone(
        "act as another user",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
    ),
)

TOGETHER: Final = (
    _passing("ec2.amazonaws.com", "ec2:RunInstances"),
    _passing(_LAMBDA, "lambda:CreateFunction", "lambda:InvokeFunction"),
    _passing(_LAMBDA, "lambda:CreateFunction", "lambda:CreateFunctionUrlConfig"),
    _passing(_LAMBDA, "lambda:CreateFunction", "lambda:CreateEventSourceMapping"),
    _passing(_LAMBDA, "lambda:CreateFunction", "lambda:AddPermission"),
    Escalation(
        actions=("lambda:UpdateFunctionCode", "lambda:InvokeFunction"),
        what="run code of their own as the function's role",
        on=":function:",
    ),
    _passing("cloudformation.amazonaws.com", "cloudformation:CreateStack"),
    _passing("cloudformation.amazonaws.com", "cloudformation:UpdateStack"),
    _passing(
        "cloudformation.amazonaws.com",
        "cloudformation:CreateChangeSet",
        "cloudformation:ExecuteChangeSet",
    ),
    _passing("codebuild.amazonaws.com", "codebuild:CreateProject", "codebuild:StartBuild"),
    _passing("codebuild.amazonaws.com", "codebuild:UpdateProject", "codebuild:StartBuild"),
    _passing("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:RunTask"),
    _passing("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:StartTask"),
    _passing("ecs-tasks.amazonaws.com", "ecs:RegisterTaskDefinition", "ecs:CreateService"),
    _passing("glue.amazonaws.com", "glue:CreateDevEndpoint"),
    _passing("glue.amazonaws.com", "glue:CreateJob", "glue:StartJobRun"),
    _passing("glue.amazonaws.com", "glue:UpdateJob", "glue:StartJobRun"),
    _passing("sagemaker.amazonaws.com", "sagemaker:CreateTrainingJob"),
    _passing("sagemaker.amazonaws.com", "sagemaker:CreateProcessingJob"),
    _passing(
        "sagemaker.amazonaws.com",
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
    ),
    _passing("states.amazonaws.com", "states:CreateStateMachine", "states:StartExecution"),
    _passing("ssm.amazonaws.com", "ssm:StartAutomationExecution"),
    _passing(
        _AGENTCORE, "bedrock-agentcore:CreateAgentRuntime", "bedrock-agentcore:InvokeAgentRuntime"
    ),
    _passing(
        _AGENTCORE,
        "bedrock-agentcore:CreateAgentRuntime",
        "bedrock-agentcore:InvokeAgentRuntimeCommand",
    ),
    _passing(
        _AGENTCORE,
        "bedrock-agentcore:CreateAgentRuntime",
        "bedrock-agentcore:InvokeAgentRuntimeCommandShell",
    ),
    _passing(_AGENTCORE, "bedrock-agentcore:UpdateAgentRuntime"),
    _passing(_AGENTCORE, "bedrock-agentcore:CreateHarness", "bedrock-agentcore:InvokeHarness"),
    _passing(_AGENTCORE, "bedrock-agentcore:UpdateHarness", "bedrock-agentcore:InvokeHarness"),
    _passing(
        _AGENTCORE,
        "bedrock-agentcore:CreateCodeInterpreter",
        "bedrock-agentcore:StartCodeInterpreterSession",
        "bedrock-agentcore:InvokeCodeInterpreter",
    ),
    _passing(
        _AGENTCORE,
        "bedrock-agentcore:CreateBrowser",
        "bedrock-agentcore:StartBrowserSession",
        "bedrock-agentcore:ConnectBrowserAutomationStream",
    ),
    Escalation(
        actions=(
            "bedrock-agentcore:StartCodeInterpreterSession",
            "bedrock-agentcore:InvokeCodeInterpreter",
        ),
        what="run code as the role of any code interpreter of the account",
        on=":code-interpreter-custom/",
    ),
    Escalation(
        actions=(
            "bedrock-agentcore:StartBrowserSession",
            "bedrock-agentcore:ConnectBrowserAutomationStream",
        ),
        what="drive a browser as the role of any browser of the account",
        on=":browser-custom/",
    ),
)

# In a user's name, or with that user's credentials, without the user.
_IMPERSONATING: Final = frozenset(
    {
        "bedrock-agentcore:getresourceapikey",
        "bedrock-agentcore:getresourceoauth2token",
        "bedrock-agentcore:getresourcepaymenttoken",
        "bedrock-agentcore:getworkloadaccesstokenforuserid",
        "bedrock-agentcore:invokeagentruntimeforuser",
        "bedrock-agentcore:invokeagentruntimewithwebsocketstreamforuser",
    }
)
# In TOGETHER as the half that is harmless without the other.
_HARMLESS_ALONE: Final = frozenset(
    {
        "lambda:invokefunction",
        "states:startexecution",
        "bedrock-agentcore:invokeagentruntime",
        "bedrock-agentcore:invokeharness",
        "bedrock-agentcore:startcodeinterpretersession",
        "bedrock-agentcore:invokecodeinterpreter",
        "bedrock-agentcore:startbrowsersession",
        "bedrock-agentcore:connectbrowserautomationstream",
    }
)
# The reference counts them among permissions management, though they use and do not administer.
_USES: Final = frozenset({"bedrock-agentcore:invokegateway", "bedrock-agentcore:invokewebsearch"})
_IDENTITY_SERVICES: Final = frozenset({"iam", "identitystore", "organizations", "sso", "sts"})
_IN_ESCALATIONS: Final = (
    frozenset(name.lower() for escalation in (*ALONE, *TOGETHER) for name in escalation.actions)
    - _HARMLESS_ALONE
)


def is_privileged(action: Action) -> bool:
    """Whether an action is to be granted by its name only, never by a wildcard."""
    if action.key in _USES:
        return False
    return (
        action.key in COMMANDS | _IMPERSONATING | _IN_ESCALATIONS
        or "Permissions management" in action.levels
        or (action.service in _IDENTITY_SERVICES and bool(action.levels - {"List", "Read"}))
    )
