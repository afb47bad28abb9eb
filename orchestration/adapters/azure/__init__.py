"""What is Azure's own: who we are there, blobs, keys. The one home of those SDKs."""
