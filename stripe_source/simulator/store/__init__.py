"""Where the simulated account keeps its objects."""
