"""The Kubernetes API, read only, without a client library: whom to ask, and how."""
