"""The provider `aws-native`: a thin client of Cloud Control, driven by CloudFormation schemas."""
