// Package route decides who serves which visit when, and says why (not).
//
// One kernel serves two clocks. The day planner freezes a Spec into a Problem,
// asks Solve for a Plan and Explain for its reasons; the live dispatcher keeps a
// Board, a rolling problem and plan that change by single visits and workers.
// Both insert, time and price a visit with the same code.
//
// A plan is judged by a vector compared entry by entry, never by one sum:
// visits left out per tier, promises not kept, lateness, and last the sum of
// travel, overtime, continuity, fairness and stability (see Cost). Hard rules
// (skill, certificate, exclusion, shift, window, load, link, a promise made to
// somebody else) are never traded for a better entry.
//
// A day that is over is judged by Judge: every order against what was promised,
// and the whole against hindsight, the best plan with everything known.
//
// Times are seconds since an origin the caller chooses, travel times are
// directed and need not obey the triangle inequality. Visits, workers and
// places are dense indices: the package knows no names. It reads no clock and
// draws random numbers only from a given seed, so the same input, seed and
// iteration count give the same plan, byte for byte.
package route
