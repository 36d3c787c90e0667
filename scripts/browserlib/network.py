"""Seven real nodes with the demonstration's data and story, for the browser to look at."""

from demolib.network import MEMBERS, PROVINCES, ROOT, Demonstration, Failed, require, say
from demolib.story import Story, first_day

# Ports of its own, so that a demonstration and its check can run beside it.
PORTS = (27400, 28400)
EVIDENCE = ROOT / "Config" / "demo" / "evidence"

__all__ = ["EVIDENCE", "MEMBERS", "PROVINCES", "ROOT", "Failed", "Network", "require", "say"]


class Network(Demonstration):
    """The demonstration in a folder of its own, with the right clock from the start."""

    def __init__(self, program, folder):
        super().__init__(program, folder, PORTS)

    def begin(self, members=MEMBERS):
        self.set_up()
        first_day(self, members)

    def tell(self):
        """Everything that the story tells: disputes, amendments, co-signatures, governance."""
        Story(self).tell()

    def milestone_with_document(self):
        """A milestone that names a file of evidence, and the file."""
        for commitment in self.commitments("cn-bj"):
            for milestone in self.milestones("cn-bj", commitment["id"]):
                for evidence in milestone["evidence"]:
                    file = EVIDENCE / evidence["name"]
                    if milestone["life"] == "effective" and file.exists():
                        return milestone, file
        raise Failed(f"no milestone names a file of {EVIDENCE}")
