"""Tables of a comparison.

A row is what one solver made of one instance: instance, kind, solver, cost or
failure (the other is None), reference (None without), wall_s, processor_s. An
answer that failed is counted as a failure and never enters a gap.
"""

from statistics import mean, median

OURS = "linli"


def gaps(rows):
    """Percent above the reference value, by solver and instance.

    Where no instance has a reference value, our own cost takes its place.
    """
    known = {row["instance"]: row["reference"] for row in rows if row["reference"]}
    if not known:
        known = {row["instance"]: row["cost"] for row in rows
                 if row["solver"] == OURS and row["cost"]}
    table = {row["solver"]: {} for row in rows}
    for row in rows:
        if row["cost"] and row["instance"] in known:
            base = known[row["instance"]]
            table[row["solver"]][row["instance"]] = 100 * (row["cost"] - base) / base
    return table


def ratio(theirs, ours):
    """Mean gap of theirs as a multiple of ours, over what both of them solved."""
    both = theirs.keys() & ours.keys()
    base = mean(ours[i] for i in both) if both else 0
    return mean(theirs[i] for i in both) / base if base > 0 else None


def solver_figures(rows):
    """The figures of each solver, in the order of the rows."""
    figures, table = {}, gaps(rows)
    ours = table[OURS]
    for solver, gap in table.items():
        mine = [row for row in rows if row["solver"] == solver]
        values = list(gap.values())
        both = gap.keys() & ours.keys()
        figures[solver] = {
            "mean_gap_pct": mean(values) if values else None,
            "median_gap_pct": median(values) if values else None,
            "worst_gap_pct": max(values, default=None),
            "theirs_to_ours": None if solver == OURS else ratio(gap, ours),
            "cheaper": sum(gap[i] < ours[i] for i in both),
            "equal": sum(gap[i] == ours[i] for i in both),
            "dearer": sum(gap[i] > ours[i] for i in both),
            "failed": sum(row["failure"] is not None for row in mine),
            "wall_s": mean(row["wall_s"] for row in mine),
            "processor_s": mean(row["processor_s"] for row in mine),
        }
    return figures


def class_figures(rows):
    """Mean gap and failures of each solver, by class."""
    table = gaps(rows)
    figures = {}
    for row in sorted(rows, key=lambda row: row["kind"]):
        by_solver = figures.setdefault(row["kind"], {})
        cell = by_solver.setdefault(row["solver"], {"gaps": [], "failed": 0})
        cell["failed"] += row["failure"] is not None
        if row["instance"] in table[row["solver"]]:
            cell["gaps"].append(table[row["solver"]][row["instance"]])
    return {
        kind: {
            solver: {"mean_gap_pct": mean(cell["gaps"]) if cell["gaps"] else None,
                     "failed": cell["failed"]}
            for solver, cell in cells.items()
        }
        for kind, cells in figures.items()
    }


def number(value, digits=2):
    """A figure, or a dash where there is none."""
    return "-" if value is None else f"{value:.{digits}f}"


def aligned(lines):
    """Lines of cells as text, columns right-aligned but the first."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    return ["  ".join(cell.rjust(w) if i else cell.ljust(w)
                      for i, (cell, w) in enumerate(zip(line, widths)))
            for line in lines]


def text(rows):
    """Both tables, then everything that a reader must not miss."""
    figures = solver_figures(rows)
    referenced = any(row["reference"] for row in rows)
    base = "the reference value" if referenced else "our cost (no reference values here)"
    out = [f"Gap: percent above {base}. Failed answers are in no gap; theirs/ours counts "
           "what both solved.", ""]
    head = ["solver", "mean gap", "median", "worst", "theirs/ours",
            "cheaper/equal/dearer", "failed", "wall s", "processor s"]
    out += aligned([head] + [
        [solver, number(f["mean_gap_pct"]), number(f["median_gap_pct"]),
         number(f["worst_gap_pct"]), number(f["theirs_to_ours"], 1),
         "-" if solver == OURS else f"{f['cheaper']}/{f['equal']}/{f['dearer']}",
         str(f["failed"]), number(f["wall_s"], 1), number(f["processor_s"], 1)]
        for solver, f in figures.items()
    ])
    cells = class_figures(rows)
    out += ["", "Mean gap by class (failed answers in brackets):"]
    out += aligned([["class", *figures]] + [
        [kind] + [number(cell["mean_gap_pct"]) + (f" ({cell['failed']})" if cell["failed"] else "")
                  for cell in (by_solver[solver] for solver in figures)]
        for kind, by_solver in cells.items()
    ])
    out += [""] + [f"failed: {row['solver']} on {row['instance']}: {row['failure']}"
                   for row in rows if row["failure"]]
    out += [f"remark: {row['solver']} on {row['instance']} believes in {row['claimed'] / 10:.1f}, "
            f"its routes cost {row['cost'] / 10:.1f}"
            for row in rows if row["cost"] and row["claimed"] != row["cost"]]
    return "\n".join(out)
