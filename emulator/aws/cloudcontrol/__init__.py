"""The Cloud Control API, driven by CloudFormation's resource type schemas."""
