// Package dispatch gives orders to those who serve them. It answers at once: of
// the workers that match lets through, the one into whose plan the visit fits
// cheapest, with a promised window and the reasons. It keeps the plan of the
// coming days as a rolling board (decide/route) in memory, rebuilt from its
// tables dispatch_*, and publishes the view dispatch_pub_assignment. Declined
// orders go to the next best in the same transaction; orders nobody can serve
// wait with their reasons and are tried again.
//
// Beside the desk the plan is improved on a sketch, a copy nobody waits for, and what
// comes of it is taken in one short transaction, if nothing it rests on has changed.
// What people do to the day (somebody drops out, does not appear, cannot wait, a
// closed road) is thought out on a sketch, too, so that a dry run shows exactly what
// would come. Residents hear of everything that changes of what they were told; what
// that is stands in told.go.
//
// Each evening tomorrow is drafted: planned anew as a whole, for a person to compare,
// pin and release.
package dispatch
