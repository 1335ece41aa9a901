"""What the comparisons with PyTorch share: the launcher, a virtual environment with torch, and running commands."""

import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARDFIRE = os.environ.get("SHARDFIRE", HERE.parent.parent / "scripts" / "shardfire")


def python(folder):
    """The interpreter of the virtual environment in a folder, which holds torch and is made at the first call."""
    interpreter = folder / "venv" / "bin" / "python"
    if not interpreter.exists():
        print(f"installing torch and numpy into {folder / 'venv'}", file=sys.stderr)
        venv.create(folder / "venv", with_pip=True)
        run([interpreter, "-m", "pip", "install", "--quiet", "torch>=2,<3", "numpy"])
    return interpreter


def run(command):
    """Standard output of a command, which must succeed."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout
