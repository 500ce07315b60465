"""AWS's own API on one loopback port: moto, Cloud Control and the AgentCore control plane."""
