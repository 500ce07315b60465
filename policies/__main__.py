#!/usr/bin/env python3
"""Serves the pack to the Pulumi engine, which runs the folder, or this file itself."""

from agentcore_policies.catalogue import rules
from agentcore_policies.server import serve

serve(rules())
