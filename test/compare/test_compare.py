"""What the comparison promises; run before each comparison.

The vector of C101 needs its file: DISPATCH_DATA names the folder.
"""

import os
import tempfile
import unittest
from pathlib import Path

import instance
import run
import summary
import validator

C101 = Path(os.environ.get("DISPATCH_DATA", "../shared/data/dispatch"), "solomon", "C101.txt")
TOURS = """
5 3 7 8 10 11 9 6 4 2 1 75
13 17 18 19 15 16 14 12
20 24 25 27 29 30 28 26 23 22 21
32 33 31 35 37 38 39 36 34
43 42 41 40 44 46 45 48 51 50 52 49 47
57 55 54 53 56 58 60 59
67 65 63 62 74 72 61 64 68 66 69
81 78 76 71 70 73 77 79 80
90 87 86 83 82 84 85 88 89 91
98 96 95 94 92 93 97 100 99
"""


def row(solver, name, cost, reference=1000):
    """A row of a comparison; without cost it failed."""
    return {"solver": solver, "instance": name, "kind": name[:2], "cost": cost, "claimed": cost,
            "failure": None if cost else "infeasible: too late", "reference": reference,
            "wall_s": 10, "processor_s": 10}


class Validator(unittest.TestCase):
    """Legs of 30, 40 and 50 tenths on a triangle of 3, 4 and 5."""

    def setUp(self):
        depot = instance.Stop(0, 0, 0, 0, 300, 0)
        near = instance.Stop(3, 0, 6, 0, 100, 10)
        far = instance.Stop(3, 4, 6, 100, 200, 10)
        self.one = instance.Instance(Path(), "T1", 2, 12, (depot, near, far))

    def refuse(self, routes, reason, one=None):
        """The routes must be refused for this reason and no other."""
        with self.assertRaisesRegex(validator.Infeasible, reason):
            validator.cost(one or self.one, routes)

    def with_stop(self, number, **changes):
        """The triangle with one stop changed."""
        stops = list(self.one.stops)
        stops[number] = instance.Stop(**{**vars(stops[number]), **changes})
        return instance.Instance(Path(), "T1", self.one.fleet, self.one.capacity, tuple(stops))

    def test_counts_distance_alone(self):
        self.assertEqual(validator.cost(self.one, [[1, 2]]), 30 + 40 + 50)
        self.assertEqual(validator.cost(self.one, [[1], [], [2]]), 60 + 100)

    def test_refuses_what_is_not_a_plan(self):
        self.refuse([[1]], "1 customers are left out, one is 2")
        self.refuse([[1, 2, 1]], "1 is visited twice")
        self.refuse([[1, 2], [2]], "2 is visited twice")
        self.refuse([[1, 2, 3]], "no customer 3")
        self.refuse([[1, 0, 2]], "no customer 0")
        self.refuse([[1, 2, -1]], "no customer -1")

    def test_refuses_one_vehicle_too_many(self):
        one = instance.Instance(Path(), "T1", 1, 12, self.one.stops)
        self.refuse([[1], [2]], "2 vehicles, the fleet has 1", one)

    def test_refuses_one_unit_too_much(self):
        self.refuse([[1, 2]], "overloaded", self.with_stop(2, demand=7))

    def test_refuses_a_tenth_too_late(self):
        self.assertEqual(validator.cost(self.with_stop(1, due=30), [[1, 2]]), 120)
        self.refuse([[1, 2]], "customer 1 is served too late", self.with_stop(1, due=29))
        # Served at 100, 10 of service, 40 to go: 150 is the earliest.
        self.assertEqual(validator.cost(self.with_stop(1, due=150), [[2, 1]]), 120)
        self.refuse([[2, 1]], "customer 1 is served too late", self.with_stop(1, due=149))

    def test_refuses_a_late_return(self):
        # Waits for the window at 100, 10 of service, 50 to go: 160 is the earliest.
        self.assertEqual(validator.cost(self.with_stop(0, due=160), [[1, 2]]), 120)
        self.refuse([[1, 2]], "comes home too late", self.with_stop(0, due=159))

    def test_starts_when_the_depot_opens(self):
        self.refuse([[1, 2]], "customer 1 is served too late", self.with_stop(0, ready=71))

    def test_rounds_distances_down(self):
        at = [instance.Stop(x, x, 0, 0, 0, 0) for x in (0, 1, 7)]
        self.assertEqual(instance.distance(at[0], at[1]), 14)
        self.assertEqual(instance.distance(at[0], at[2]), 98)

    @unittest.skipUnless(C101.exists(), f"data file absent: {C101}")
    def test_accepts_the_known_plan_of_c101(self):
        one = instance.read(C101)
        tours = [[int(i) for i in tour.split()] for tour in TOURS.strip().splitlines()]
        self.assertEqual((len(one.stops), one.fleet, one.capacity), (101, 25, 200))
        self.assertEqual(one.kind, "C1")
        self.assertEqual(validator.cost(one, tours), 8273)
        self.refuse([tours[0][::-1], *tours[1:]], "too late", one)
        self.refuse(tours[1:], "12 customers are left out", one)
        self.refuse([tours[0] + tours[1], *tours[2:]], "too late|overloaded", one)


class Instances(unittest.TestCase):
    """Where instances come from."""

    def test_made_instances_have_a_solution(self):
        with tempfile.TemporaryDirectory() as name:
            for number in range(1, 5):
                one, tours = instance.make(Path(name), number, seed=3)
                again, _ = instance.make(Path(name), number, seed=3)
                self.assertEqual(len(one.stops), 201)
                self.assertGreater(validator.cost(one, tours), 0)
                self.assertEqual(one, again)

    def test_sample_takes_from_every_class(self):
        every = [instance.Instance(Path(), f"{kind}_2_{i}", 1, 1, ())
                 for kind in ("C1", "C2", "R1") for i in range(4)]
        drawn = run.sample(every, 6, seed=1)
        self.assertEqual([one.kind for one in drawn], ["C1", "C1", "C2", "C2", "R1", "R1"])
        self.assertEqual(drawn, run.sample(every, 6, seed=1))
        self.assertEqual(run.sample(every, None, seed=1), every)


class Summary(unittest.TestCase):
    """How answers become figures."""

    def test_a_failure_is_in_no_gap(self):
        rows = [row("linli", "R1_1", 1010), row("linli", "R2_1", 1500),
                row("other", "R1_1", 1040), row("other", "R2_1", None)]
        figures = summary.solver_figures(rows)
        self.assertEqual(figures["linli"]["mean_gap_pct"], 25.5)
        self.assertEqual(figures["other"]["mean_gap_pct"], 4)
        self.assertEqual(figures["other"]["theirs_to_ours"], 4)
        self.assertEqual((figures["other"]["failed"], figures["other"]["dearer"]), (1, 1))
        self.assertIn("failed: other on R2_1: infeasible: too late", summary.text(rows))

    def test_without_references_costs_compare(self):
        rows = [row("linli", "M1_1", 1000, None), row("other", "M1_1", 1100, None)]
        self.assertEqual(summary.solver_figures(rows)["other"]["mean_gap_pct"], 10)
        self.assertIn("no reference values", summary.text(rows))

    def test_nobody_solved_anything(self):
        rows = [row("linli", "R1_1", None), row("other", "R1_1", None)]
        self.assertIsNone(summary.solver_figures(rows)["other"]["theirs_to_ours"])
        self.assertIn("failed: linli on R1_1", summary.text(rows))


if __name__ == "__main__":
    unittest.main()
