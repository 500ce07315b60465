"""The rights that whoever deploys a stack needs, after the stack's config."""

from infra.config import StackConfig
from infra.documents.deployer_permissions import Deployed, deployer_permissions
from infra.naming import StackNames


def deployer_documents(config: StackConfig, names: StackNames) -> dict[str, str]:
    """The documents of :func:`infra.documents.deployer_permissions.deployer_permissions`.

    Raises:
        DocumentTooLongError: over IAM's limit.
    """
    brought = {agent.execution_role_arn for agent in config.agents.values()} - {None}
    return deployer_permissions(
        names,
        Deployed(
            project_tag=config.tags.project,
            own_key=config.own_key,
            network=config.network is not None,
            permissions_boundary=config.permissions_boundary,
            brought_role_arns=sorted(str(arn) for arn in brought),
        ),
    )
