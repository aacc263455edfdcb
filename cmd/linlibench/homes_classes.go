package main

import (
	"math"

	"linli/decide/sense"
)

func absent() float64 { return math.NaN() }

// injectors are the rows of the report: the twelve classes, then the care signals.
func injectors() []*injector {
	of := func(c sense.Class) ([]sense.Class, func(sense.Finding) bool) {
		return []sense.Class{c}, func(f sense.Finding) bool { return f.Class == c }
	}
	row := func(c sense.Class, make func(*homeData, int64, int, *draws) (injection, bool), why string) *injector {
		counts, alarms := of(c)
		return &injector{class: c.String(), counts: counts, alarms: alarms, make: make, why: why}
	}
	stay := row(sense.Inactivity, bathroomStay, "no home has a sensor that sees motion in the bathroom")
	stay.class = "bathroom-stay"
	stay.alarms = func(f sense.Finding) bool { return f.Detector == sense.DetectStay }
	gap := row(sense.Inactivity, collapse, "the homes are too short after the warm-up")
	gap.alarms = func(f sense.Finding) bool { return f.Detector == sense.DetectGap }
	return []*injector{
		gap,
		stay,
		row(sense.NightWander, wander, "no labeled night after the warm-up, or fewer than two rooms"),
		row(sense.NotReturned, lateReturn, "too few labeled absences, or the homes end before the late return"),
		row(sense.NoExit, noExit, "the homes are too short after the warm-up"),
	}
}
