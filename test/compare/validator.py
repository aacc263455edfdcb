"""The judge of every solver's answer; it shares no code with any of them."""

from instance import distance


class Infeasible(Exception):
    """The answer breaks a rule or leaves a customer out."""


def cost(instance, routes):
    """Give the total distance of the routes, in tenths, or raise Infeasible."""
    stops, depot = instance.stops, instance.stops[0]
    routes = [route for route in routes if route]
    if len(routes) > instance.fleet:
        raise Infeasible(f"{len(routes)} vehicles, the fleet has {instance.fleet}")
    seen, total = set(), 0
    for route in routes:
        at, now, load = depot, depot.ready, 0
        for customer in route:
            if not 0 < customer < len(stops):
                raise Infeasible(f"there is no customer {customer}")
            if customer in seen:
                raise Infeasible(f"customer {customer} is visited twice")
            seen.add(customer)
            stop = stops[customer]
            leg = distance(at, stop)
            total += leg
            now = max(now + leg, stop.ready)
            if now > stop.due:
                raise Infeasible(f"customer {customer} is served too late")
            now += stop.service
            load += stop.demand
            at = stop
        leg = distance(at, depot)
        total += leg
        if now + leg > depot.due:
            raise Infeasible(f"the vehicle of customer {route[0]} comes home too late")
        if load > instance.capacity:
            raise Infeasible(f"the vehicle of customer {route[0]} is overloaded")
    if missing := set(range(1, len(stops))) - seen:
        raise Infeasible(f"{len(missing)} customers are left out, one is {min(missing)}")
    return total
