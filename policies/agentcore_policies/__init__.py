"""Policies for Amazon Bedrock AgentCore: tagging, least privilege, VPC mode, operation."""
