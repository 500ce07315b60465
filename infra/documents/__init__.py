"""Pure functions from contracts and known values to whole policy documents.

Nothing here takes a ``pulumi.Output``: one unknown inside a JSON string makes all of it unknown at
preview, and nobody could judge the document before it is deployed.
"""
