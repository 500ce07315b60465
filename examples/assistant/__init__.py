"""A sample agent for Amazon Bedrock AgentCore Runtime, on the standard library and boto3.

It answers AgentCore's HTTP contract: `POST /invocations` and `GET /ping` on port 8080. A prompt is
answered by the Bedrock model `MODEL_ID` names; without one the agent answers by itself and says so,
so that it runs anywhere. It keeps no conversation: every invocation stands alone.
"""
