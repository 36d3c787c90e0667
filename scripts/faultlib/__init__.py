"""The parts of scripts/faults: the network, its nodes, the clients and the faults. scripts/faults-check has its own
(check_*.py) and uses none of the others."""
