"""Serves the pack to the Pulumi engine."""

from agentcore_policies.catalogue import rules
from agentcore_policies.pack import serve

serve(rules())
