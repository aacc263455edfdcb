// Package dispatch gives orders to those who serve them. It answers at once: of
// the workers that match lets through, the one into whose plan the visit fits
// cheapest, with a promised window and the reasons. It keeps the plan of the
// coming days as a rolling board (decide/route) in memory, rebuilt from its
// tables dispatch_*, and publishes the view dispatch_pub_assignment. Declined
// orders go to the next best in the same transaction; orders nobody can serve
// wait with their reasons and are tried again.
package dispatch
