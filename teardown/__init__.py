"""Takes a stack down whose network AgentCore holds, and keeps an up clear of what it holds."""
