"""Routing instances with time windows, in the integers of the DIMACS convention.

A distance is floor(10 * Euclid) and also the travel time; windows and service
times are ten times those of the file; the total distance is all that counts.
"""

import gzip
import math
import random
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Stop:
    """The depot or a customer; times in tenths."""

    x: int
    y: int
    demand: int
    ready: int
    due: int
    service: int


@dataclass(frozen=True)
class Instance:
    """An instance; stop 0 is the depot, stop i is customer i."""

    path: Path
    name: str
    fleet: int
    capacity: int
    stops: tuple[Stop, ...]

    @property
    def kind(self):
        """The class in the name: R1 of R1_2_4, C1 of C101."""
        return re.match(r"[A-Z]*[0-9]?", self.name).group()

    @cached_property
    def matrix(self):
        """All distances, as every solver is given them."""
        return [[distance(a, b) for b in self.stops] for a in self.stops]


def distance(a, b):
    """floor(10 * Euclid), exact because coordinates are whole numbers."""
    return math.isqrt(100 * ((a.x - b.x) ** 2 + (a.y - b.y) ** 2))


def read(path):
    """Read a Solomon or Homberger file; spacing and headings vary."""
    unpack = gzip.open if path.suffix == ".gz" else open
    with unpack(path, "rt", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip()]
    rows = [[int(field) for field in line] for line in lines[1:] if line[0].isdigit()]
    (fleet, capacity), *rows = rows
    stops = []
    for number, x, y, demand, ready, due, service in rows:
        if number != len(stops):
            raise ValueError(f"{path.name}: customers are not numbered 0, 1, 2 ...")
        stops.append(Stop(x, y, demand, 10 * ready, 10 * due, 10 * service))
    return Instance(path, lines[0][0].upper(), fleet, capacity, tuple(stops))


def make(folder, number, seed, customers=200):
    """Make an instance around planted tours, which prove that it has a solution.

    Odd numbers have short tours and narrow windows (class M1), even ones long
    tours and wide windows (class M2). Returns the instance and the tours.
    """
    draw = random.Random(f"{seed} {number}")
    wide = number % 2 == 0
    size, width = (40, 400) if wide else (8, 60)
    places = [(draw.randint(0, 140), draw.randint(0, 140)) for _ in range(customers)]
    # Neighbors around the depot share a tour: by angle, then in any order.
    places.sort(key=lambda p: math.atan2(p[1] - 70, p[0] - 70))
    tours, rows, home = [], [], 0
    for first in range(0, customers, size):
        tour, now, at = [], 0, (70, 70)
        for place in places[first:first + size]:
            now += math.ceil(math.dist(at, place))
            ready = max(0, now - draw.randint(0, width))
            due = now + draw.randint(1, width)
            rows.append((*place, draw.randint(5, 35), ready, due, 10))
            tour.append(len(rows))
            now, at = now + 10, place
            home = max(home, due + 10 + math.ceil(math.dist(place, (70, 70))))
        tours.append(tour)
    capacity = max(sum(rows[i - 1][2] for i in tour) for tour in tours)
    rows.insert(0, (70, 70, 0, 0, home, 0))
    name = f"M{2 if wide else 1}_{customers}_{number}"
    path = folder / f"{name}.txt"
    lines = [name, "VEHICLE", "NUMBER CAPACITY", f"{2 * len(tours)} {capacity}", "CUSTOMER",
             "CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME"]
    lines += [" ".join(map(str, (i, *row))) for i, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path), tours
