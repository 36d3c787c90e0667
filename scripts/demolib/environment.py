"""Python packages of others, each set in an environment of its own under .build."""

import os
import subprocess
import sys
from pathlib import Path


def enter(place, packages, name):
    """Makes the environment where it is missing, and goes on in it; with that folder there, no server is asked."""
    python = place / "bin" / "python3"
    stamp = place / "packages.txt"
    wanted = "\n".join(packages)
    if not stamp.exists() or stamp.read_text() != wanted:
        print("… installing " + ", ".join(packages), flush=True)
        for command in ([sys.executable, "-m", "venv", "--clear", place],
                        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]):
            done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{name}: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}".rstrip()
                         + "\n  It needs the Debian package python3-venv, and PyPI once.")
        stamp.write_text(wanted)
    if Path(sys.prefix).resolve() != place.resolve():
        os.execv(python, [str(python), str(Path(sys.argv[0]).resolve()), *sys.argv[1:]])
