"""Let one solver answer one instance, alone on one core; prints a JSON object.

Usage: answer.py SOLVER FILE SECONDS SEED CORE
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path

from instance import read


def processor_seconds():
    """Time of this process and of those it waited for, in all threads."""
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def main(solver, file, seconds, seed, core):
    """Import first: loading a library is not part of the search."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(core)})
    adapter = importlib.import_module("solvers." + solver)
    instance = read(Path(file))
    begin, processor = time.monotonic(), processor_seconds()
    routes, claimed = adapter.solve(instance, float(seconds), int(seed))
    print(json.dumps({
        "settings": adapter.SETTINGS,
        "wall_s": round(time.monotonic() - begin, 3),
        "processor_s": round(processor_seconds() - processor, 3),
        "claimed": claimed,
        "routes": routes,
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
