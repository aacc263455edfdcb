package route

// A day that is lived while it is planned has three things to weigh that a
// frozen problem does not: services last longer than planned, more orders come,
// and what was told should stay. The prices are in fortieths of a second of
// travel, so that a second of waiting fits below a second of travel. They were
// chosen on made days, see docs/benchmarks.md.
const (
	liveTravel = 40  // price of a second of travel
	livePrompt = 1   // of a second of waiting, from when the window opens
	liveMargin = 40  // of a second of waiting, near the end of the window
	marginSpan = 900 // how near, in seconds
)

// LiveCosts are DefaultCosts for a board whose visits have Prompt lateness. All
// prices, also those of a Split, are in fortieths of a second of travel; what a
// caller adds, such as OvertimeCost or the Price of a visit, must be so, too.
func LiveCosts() Costs {
	c := DefaultCosts()
	c.Travel *= liveTravel
	c.Continuity *= liveTravel
	c.Fairness *= liveTravel
	for i := range c.Change {
		c.Change[i].Price *= liveTravel
	}
	c.JoinLate = true
	return c
}

// Prompt is the lateness cost of a visit on a live day, under LiveCosts. Early is
// a little better than late, which keeps the rest of the day free for what is
// not known yet; and the last quarter of an hour of the window is left to
// services that take longer than planned, unless to use it saves as much travel.
func Prompt(w Window) []Late {
	return []Late{{w.Open, livePrompt}, {max(w.Open+1, w.Close-marginSpan), liveMargin}}
}
