"""PyVRP."""

import numpy
import pyvrp
from pyvrp.stop import MaxRuntime

SETTINGS = "default parameters, MaxRuntime (counts from its first iteration), integer matrices"


def solve(instance, seconds, seed):
    """Hand over the matrices as they are and search until the time limit."""
    depot, *customers = instance.stops
    matrix = numpy.array(instance.matrix)
    data = pyvrp.ProblemData(
        locations=[pyvrp.Location(stop.x, stop.y) for stop in instance.stops],
        clients=[
            pyvrp.Client(location=i, delivery=[stop.demand], service_duration=stop.service,
                         tw_early=stop.ready, tw_late=stop.due)
            for i, stop in enumerate(customers, start=1)
        ],
        depots=[pyvrp.Depot(location=0)],
        vehicle_types=[
            pyvrp.VehicleType(num_available=instance.fleet, capacity=[instance.capacity],
                              tw_early=depot.ready, tw_late=depot.due)
        ],
        distance_matrices=[matrix],
        duration_matrices=[matrix],
    )
    best = pyvrp.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False).best
    routes = [[stop.idx + 1 for stop in route if stop.is_client()] for route in best.routes()]
    return routes, best.distance()
