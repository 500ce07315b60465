"""The rights that whoever deploys a stack needs on the real AWS, as IAM documents."""

import json

from commands.command_error import CommandError
from commands.staged_project import StagedProject
from infra.config import ConfigError, StackConfig
from infra.deployer import deployer_documents
from infra.documents.contract import DocumentTooLongError
from infra.naming import StackNames


def deployer_permissions(project: StagedProject, stack: str) -> str:
    """JSON: each document under what it is for, to be made managed policies of.

    It is made of the tracked config, and needs neither engine nor AWS.

    Raises:
        CommandError: the stack is unknown, or its config is refused.
    """
    project.require(stack)
    raw = {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in project.config(stack).items()
    }
    try:
        config = StackConfig.read(raw, project=project.name, stack=stack, secret=set())
        names = StackNames(
            project=project.name,
            stack=stack,
            account_id=config.account_id,
            region=config.region,
        )
        documents = deployer_documents(config, names)
    except (ConfigError, DocumentTooLongError) as error:
        raise CommandError(str(error)) from None
    return json.dumps({name: json.loads(text) for name, text in documents.items()}, indent=2)
