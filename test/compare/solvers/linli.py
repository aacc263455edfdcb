"""Our own search, by the measuring program."""

import json
import subprocess
import tempfile
from pathlib import Path

SETTINGS = "linlibench route, as shipped: one chain, one thread"
PROGRAM = Path(__file__).resolve().parents[3] / "bin" / "linlibench"


def solve(instance, seconds, seed):
    """Run linlibench and read its solution file."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [PROGRAM, "route", "--quiet", "--instance", instance.path, "--out", folder,
             "--time-s", str(seconds), "--seed", str(seed)],
            stdout=subprocess.PIPE, check=False)
        solution = Path(folder, instance.name + ".sol")
        if not solution.exists():
            raise RuntimeError(json.loads(run.stdout)["error"])
        *lines, last = solution.read_text(encoding="utf-8").splitlines()
    routes = [[int(c) for c in line.partition(":")[2].split()] for line in lines]
    return routes, round(10 * float(last.removeprefix("Cost ")))
