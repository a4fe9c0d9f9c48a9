"""What people and programs read: pull request bodies, the terminal, JSON."""
