// Package sense tells whether a person, a home or a device is as usual, and if
// not, since when and by how much.
//
// A Home is one person's memory: a few KiB of sums and no rows. Step takes events
// in time order (late ones are put in their place and what follows is replayed),
// Tick lets time pass, both answer with findings, and every finding says what was
// seen, what was usual and what would have cleared it. Findings depend on the
// events alone: not on how often the clock ticks, and not on restarts between
// Snapshot and Restore.
//
// Order of trust: first whether devices speak at all, then where the person is
// (awake at home, asleep, away, unknown), then the rhythms: how long silences,
// absences, stays and days without going out last. A rhythm compares with the
// person's own hours, begins with the curve of a cohort, and takes its limit from
// a budget of false alarms per week; nobody tunes hours.
//
// What it never does: learn from alarmed, offline, away or guest periods, read a
// label of an activity, or hide that a sensor was silent.
package sense
