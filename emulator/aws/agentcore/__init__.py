"""What the AgentCore service itself decides, beyond what its resource type schemas say."""
