"""What tells whether an update runs: one module for each way to ask. All of them only read."""
