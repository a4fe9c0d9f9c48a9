"""What reconcilers say, and what it means: the tables of verdicts, a simulation, and the APIs that are asked."""
