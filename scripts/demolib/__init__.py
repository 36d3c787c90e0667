"""The parts of the demonstration, scripts/demo: its network of real nodes, its story, its checks."""
