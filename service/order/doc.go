// Package order carries an agreed service from opening to its proven end: who has
// accepted, set off, arrived, done which step with which evidence, finished; who
// confirmed and how it was closed. Its state machine is a table (rules.go), its two
// clocks are pure functions of the row (clock.go): the state clock limits how long
// an order may stand still, the business clock keeps the promise of the class since
// the earliest submission. Whatever passes by time alone happens at its due moment
// and in order, no matter how late the timer, so the history does not depend on
// when a process was running. Every breach names an owner; every act is an entry of
// the timeline with who, when, why and proof.
//
// Tables: order_order (one row per order), order_event (the timeline),
// order_sop (pinned procedures), order_step (steps done), order_evidence (files),
// order_setting. View: order_pub_order.
package order
