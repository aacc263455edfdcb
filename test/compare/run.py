"""Our routes beside those of OR-Tools, PyVRP and VROOM: same instances, same
seconds, same core, one thread each, every answer judged by one validator.

The others are installed into a virtual environment that is removed afterward.
"""

import argparse
import csv
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import venv
from itertools import zip_longest
from pathlib import Path

import instance
import summary
import validator

HERE = Path(__file__).resolve().parent
REFERENCES = "dimacs_vrptw_bks_2022.csv"
PACKAGES = {"ortools": "ortools", "pyvrp": "pyvrp", "vroom": "pyvroom"}
CORE = max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
SHARE = 0.95  # of the core that a solver must have had for its figures to count


def say(line=""):
    """Progress, for the person who waits."""
    print(line, file=sys.stderr, flush=True)


def arguments():
    """Flags; the Makefile passes its variables through them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dispatch"),
                        help="folder with homberger_200/ and the reference values")
    parser.add_argument("--instances", type=Path, nargs="*", metavar="FILE|DIR",
                        help="default: every file of 200 customers in --data")
    parser.add_argument("--n", type=int, help="at most so many, drawn evenly from the classes")
    parser.add_argument("--seconds", type=float, default=10, help="per solver and instance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="also write everything as JSON")
    args = parser.parse_args()
    if args.seconds <= 0 or (args.n is not None and args.n < 1):
        parser.error("--seconds and --n must be positive")
    if args.out and not args.out.parent.is_dir():
        parser.error(f"--out: there is no folder {args.out.parent}")
    return args


def choose(args, folder):
    """The instances of this run; made ones where there are no files."""
    paths = args.instances or [args.data / "homberger_200"]
    if not args.instances and not args.data.is_dir():
        say(f"{args.data} is absent: instances are made, without reference values; "
            "only costs compare")
        return [instance.make(folder, i, args.seed)[0] for i in range(1, (args.n or 6) + 1)]
    files = []
    for path in paths:
        inside = (*path.glob("*.txt"), *path.glob("*.txt.gz"))
        files += sorted(inside) if path.is_dir() else [path]
    return sample([instance.read(file) for file in files], args.n, args.seed)


def sample(instances, n, seed):
    """Draw n instances, in turn from each class, so that no class is favored."""
    if n is None or n >= len(instances):
        return instances
    draw = random.Random(seed)
    classes = {}
    for one in instances:
        classes.setdefault(one.kind, []).append(one)
    piles = list(classes.values())
    draw.shuffle(piles)
    for pile in piles:
        draw.shuffle(pile)
    in_turn = [one for turn in zip_longest(*piles) for one in turn if one]
    return sorted(in_turn[:n], key=instances.index)


def references(data):
    """Reference values in tenths, by instance."""
    path = data / REFERENCES
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row[0].upper(): round(10 * float(row[1])) for row in csv.reader(file) if row}


def install(folder):
    """Install the others; gives the version of each that could be installed."""
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").split()
    pinned = dict(line.split("==") for line in lines)
    say("installing " + ", ".join(lines) + " into a virtual environment that is removed afterward")
    try:
        venv.create(folder, with_pip=True)
    except subprocess.CalledProcessError as error:
        say(f"Python cannot make a virtual environment here ({error}): ours runs alone")
        return {}
    there = {}
    for solver, package in PACKAGES.items():
        run = subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet",
             "--only-binary", ":all:", "--disable-pip-version-check",
             "--retries", "2", "--timeout", "15", f"{package}=={pinned[package]}"],
            stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode == 0:
            there[solver] = pinned[package]
        else:
            say(f"{package} cannot be installed, it is left out: {last_line(run.stderr)}")
    if not there:
        say("none of the others is here (is PyPI reachable?): ours runs alone")
    return there


def last_line(output):
    """The line of an error output that names the error."""
    return (output.strip().splitlines() or ["no message"])[-1]


def ask(python, solver, one, args, folder):
    """Run a solver in a process of its own; gives its answer, or a failure."""
    command = [python, HERE / "answer.py", solver, one.path.resolve(), str(args.seconds),
               str(args.seed), str(CORE)]
    # A group of its own: whatever the solver started ends with it.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
        env={**os.environ, "GOMAXPROCS": "1", "OMP_NUM_THREADS": "1", "TMPDIR": str(folder)})
    try:
        output, errors = process.communicate(timeout=3 * args.seconds + 60)
    except subprocess.TimeoutExpired:
        return {"failure": "no answer long after the time limit"}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        return {"failure": last_line(errors)}
    return json.loads(output)


def judge(one, answer):
    """Add the cost as the validator finds it, or why there is none."""
    if "failure" not in answer:
        try:
            answer |= {"cost": validator.cost(one, answer["routes"]), "failure": None}
            return
        except validator.Infeasible as broken:
            answer["failure"] = f"infeasible: {broken}"
    answer |= {"cost": None}


def measure(instances, pythons, args, folder):
    """Ask every solver about every instance; who begins changes each time."""
    known = references(args.data)
    solvers = list(pythons)
    rows = []
    for i, one in enumerate(instances):
        turn = i % len(solvers)
        for solver in solvers[turn:] + solvers[:turn]:
            answer = ask(pythons[solver], solver, one, args, folder)
            judge(one, answer)
            row = {"instance": one.name, "kind": one.kind, "customers": len(one.stops) - 1,
                   "solver": solver, "reference": known.get(one.name),
                   "wall_s": 0, "processor_s": 0, **answer}
            rows.append(row)
            found = row["failure"] or f"{row['cost'] / 10:.1f}"
            say(f"{i + 1}/{len(instances)} {one.name} {solver}: {found}")
    return sorted(rows, key=lambda row: solvers.index(row["solver"]))


def machine():
    """What a reader needs to know about the place of the measurement."""
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    pinned = hasattr(os, "sched_setaffinity")
    return {"platform": platform.platform(), "python": platform.python_version(),
            "cores": os.cpu_count(), "core": CORE if pinned else None, "load_before": load}


def publish(rows, versions, place, args):
    """Print the tables, the settings and whether the figures count; write the JSON."""
    figures = summary.solver_figures(rows)
    settings = {row["solver"]: row["settings"] for row in rows if "settings" in row}
    void = [solver for solver, f in figures.items() if f["processor_s"] < SHARE * f["wall_s"]]
    print(f"\n{len(rows) // len(figures)} instances, {args.seconds:g} s each, one core, "
          f"one thread, seed {args.seed}; {place['platform']}\n")
    print(summary.text(rows))
    for solver, line in settings.items():
        print(f"{solver} {versions.get(solver, '(this tree)')}: {line}")
    if void:
        print(f"VOID: {', '.join(void)} had less than {SHARE:.0%} of the core; "
              "repeat on a quiet machine")
    if args.out:
        args.out.write_text(json.dumps({
            "seconds": args.seconds, "seed": args.seed, "machine": place, "void": void,
            "solvers": {solver: {"version": versions.get(solver), "settings": line}
                        for solver, line in settings.items()},
            "summary": figures, "by_class": summary.class_figures(rows), "rows": rows,
        }, indent=1) + "\n", encoding="utf-8")


def main():
    """Prepare, measure, print; exit code 1 where an answer of ours failed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that folders are removed
    args = arguments()
    with tempfile.TemporaryDirectory(prefix="linli-compare-") as name:
        folder = Path(name)
        instances = choose(args, folder)
        if not instances:
            sys.exit("no instance is there")
        versions = install(folder / "venv")
        pythons = {summary.OURS: sys.executable,
                   **dict.fromkeys(versions, folder / "venv" / "bin" / "python")}
        place = machine()
        minutes = len(instances) * len(pythons) * (args.seconds + 1.5) / 60
        say(f"{len(instances)} instances x {len(pythons)} solvers x {args.seconds:g} s: "
            f"about {minutes:.0f} minutes")
        say(f"every solver on core {place['core']}, load now {place['load_before']}")
        rows = measure(instances, pythons, args, folder)

    publish(rows, versions, place, args)
    if any(row["failure"] for row in rows if row["solver"] == summary.OURS):
        sys.exit(1)


if __name__ == "__main__":
    main()
