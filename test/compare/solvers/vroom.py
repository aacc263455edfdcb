"""VROOM, by its Python binding."""

import time
from datetime import timedelta

import numpy
import vroom

SETTINGS = ("exploration levels 0 to 5 in turn while time is left, the best answer counts (with a "
            "time limit a high level alone is cut off in the middle of every start and much "
            "worse); one thread, durations and costs = distances, no fixed cost; has no seed, "
            "ends by itself and does not use the whole time")


def solve(instance, seconds, _seed):
    """Try the levels as a patient user would; one takes longer than the one before."""
    end = time.monotonic() + seconds
    best = None
    for level in range(6):
        begin = time.monotonic()
        found = model(instance).solve(level, nb_threads=1, timeout=timedelta(seconds=end - begin))
        if best is None or rank(found) < rank(best):
            best = found
        now = time.monotonic()
        if end - now < now - begin:
            break
    steps = best.routes
    jobs = steps[steps["type"] == "job"]
    routes = [[int(i) for i in route] for _, route in jobs.groupby("vehicle_id", sort=False)["id"]]
    return routes, best.summary.cost


def rank(solution):
    """Better is who leaves fewer out, then who drives less."""
    return len(solution.unassigned), solution.summary.cost


def model(instance):
    """Cost is travel, so that VROOM minimizes what the convention counts."""
    depot, *customers = instance.stops
    matrix = numpy.array(instance.matrix, dtype=numpy.uint32)
    problem = vroom.Input()
    problem.set_durations_matrix("car", matrix)
    problem.set_costs_matrix("car", matrix)
    problem.add_vehicle([
        vroom.Vehicle(i, start=0, end=0, capacity=[instance.capacity],
                      time_window=vroom.TimeWindow(depot.ready, depot.due))
        for i in range(instance.fleet)
    ])
    problem.add_job([
        vroom.Job(i, location=i, default_service=stop.service, delivery=[stop.demand],
                  time_windows=[vroom.TimeWindow(stop.ready, stop.due)])
        for i, stop in enumerate(customers, start=1)
    ])
    return problem
