// Package match judges who and what could answer a need, in type, time and
// space: workers by hard gates and then by a score whose parts are shown, and
// facilities by bookable slots. For every candidate that cannot serve it names
// the first gate that failed. It owns facilities, slots, bookings and the visits
// of people who simply come (tables match_*) and publishes the view match_pub_usage.
package match
