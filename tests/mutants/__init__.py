import os

# Read when gRPC is imported: it would note each of the forks, none of which makes a call with it.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
