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
		return &injector{class: c.String(), counts: counts, alarms: alarms, make: make, share: c.Info().Share, why: why}
	}
	stay := row(sense.Inactivity, bathroomStay, "no home has a sensor that sees motion in the bathroom")
	stay.class, stay.share = "bathroom-stay", sense.StayShare
	stay.alarms = func(f sense.Finding) bool { return f.Detector == sense.DetectStay }
	gap := row(sense.Inactivity, collapse, "the homes are too short after the warm-up")
	gap.alarms = func(f sense.Finding) bool { return f.Detector == sense.DetectGap }
	made := func(c sense.Class, make func(*homeData, int64, int, *draws) (injection, bool)) *injector {
		i := row(c, make, "the homes are too short after the warm-up")
		i.made = true
		return i
	}
	short := "the homes are too short after the warm-up"
	return []*injector{
		gap,
		stay,
		row(sense.Fall, nil, "needs acceleration; see the command falls"),
		row(sense.NightWander, wander, "no labeled night after the warm-up, or fewer than two rooms"),
		row(sense.NotReturned, lateReturn, "no sensor at the way out, too few labeled absences, or the homes end before the late return"),
		row(sense.NoExit, noExit, "no sensor at the way out, or "+short),
		made(sense.Vitals, oddVitals),
		made(sense.SOS, press),
		made(sense.FireSmoke, smoke),
		made(sense.GasCO, gasRamp),
		made(sense.WaterUse, flow),
		made(sense.EbikeLift, bike),
		made(sense.FallingObject, falling),
		row(sense.MissedMeal, missedMeals, short),
		row(sense.SleepChange, otherSleep, short),
		row(sense.RoutineChange, otherRoutine, short),
		row(sense.DoorVisitor, visitors, "no labeled night after the warm-up, or no sensor at the way out"),
		row(sense.Isolation, fewerExits, "the homes are too short for a week without exits after the warm-up"),
	}
}
