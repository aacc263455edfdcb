package route

// Limits of what a Spec may hold.
const (
	// Tiers is the number of priority tiers; tier 1 goes before all others.
	Tiers = 4
	// MaxTime is the last second a plan knows; an open end is MaxTime.
	MaxTime int32 = 1 << 28
	// Unreachable is the travel time of a leg nobody can make.
	Unreachable int32 = 1 << 29
	// Anywhere is the place of what needs no travel: a phone call, or the end
	// of a worker's day wherever the last visit was.
	Anywhere = -1
	// MaxLatePieces is the largest number of slopes of one lateness cost.
	MaxLatePieces = 4
)

// Spec describes one planning problem. NewProblem checks and freezes it.
type Spec struct {
	// Places is the number of places; Travel or TravelFunc knows the legs.
	Places int
	// Travel holds one directed Places×Places matrix in seconds per speed
	// profile, row by row (from × Places + to).
	Travel [][]int32
	// TravelFunc fills the matrices of Profiles speed profiles when Travel is nil.
	TravelFunc func(profile, from, to int) int32
	// Profiles is the number of speed profiles TravelFunc knows; 0 means 1.
	Profiles int

	Visits  []Visit
	Workers []Worker
	Links   []Link

	// Now is the moment of planning: nothing new starts before it.
	Now int32
	// Costs are the prices; the zero value means DefaultCosts.
	Costs Costs
}

// Window is a span in which a service may start, both ends included.
type Window struct {
	Open, Close int32
}

// Late is one piece of a convex lateness cost: every second the service starts
// after the moment After costs Slope, until the next piece takes over.
type Late struct {
	After, Slope int32
}

// Skill is an ability at a level. For a worker, Until is the last second its
// certificate is valid (0: no certificate needed); for a visit it is ignored.
type Skill struct {
	Code, Level int
	Until       int32
}

// Promise is what a resident was told: who comes, and when the service starts.
// AnnouncedAt after Now means not told yet: changing it is free. Price, when not
// 0, is what a change costs instead of Costs.Change.
type Promise struct {
	Worker      int
	Start       int32
	AnnouncedAt int32
	Price       int64
}

// Fixed nails a visit to a worker and a start. Begun marks the part of the day
// that has happened (served, or the worker is on the way): it stays in front.
type Fixed struct {
	Worker int
	Start  int32
	Begun  bool
}

// Visit is one service at one place by one worker.
type Visit struct {
	Place    int
	Duration int32
	// Windows are the hard spans of the start, disjoint and ascending; none
	// means any time. Late needs at most one window.
	Windows []Window
	// Late is the price of starting late: at most MaxLatePieces, ascending.
	Late []Late
	// Tier is the priority from 1 (first) to Tiers; 0 means Tiers.
	Tier int
	// Load is what the visit takes of the worker's Capacity.
	Load int32
	// Skills must all be held at the level, with a valid certificate.
	Skills []Skill
	// Eligible lists the workers who may serve; nil means everybody.
	Eligible []int
	// Exclude lists the workers who must not serve.
	Exclude []int
	// Prefer ranks the known carers, dearest first; every step down costs
	// Costs.Continuity, a stranger comes after the last.
	Prefer []int
	// Optional visits may be left out for Price, counted in the last entry.
	Optional bool
	Price    int64

	Promise *Promise
	Fixed   *Fixed
}

// Shift is a span of work. Overtime is how many seconds beyond To are allowed.
type Shift struct {
	From, To int32
	Overtime int32
}

// Break is a pause that floats: it starts inside [Open, Close]. A worker whose
// tour is over by Close takes it afterwards.
type Break struct {
	Duration    int32
	Open, Close int32
}

// Worker is somebody who serves. Every shift is a tour of its own from Start
// to End; a worker without shifts is off duty.
type Worker struct {
	Start, End int
	Shifts     []Shift
	Breaks     []Break
	// Profile chooses the travel matrix.
	Profile int
	// OvertimeCost is the price of one second beyond the end of a shift.
	OvertimeCost int64
	// Capacity bounds the sum of Load per shift; 0 means no bound.
	Capacity int32
	Skills   []Skill
	// Week is the service time of the rolling week so far, Target the normal
	// week; both in seconds. Target 0 takes no part in fairness.
	Week, Target int32
}

// Link ties the starts of two visits: B starts Min to Max seconds after A
// ([0, 0] means together). Two different workers serve them unless SameWorker.
// Linked visits are served all or none.
type Link struct {
	A, B       int
	Min, Max   int32
	SameWorker bool
}

// Notice prices a change by how short before the promised start it comes.
type Notice struct {
	Within int32 // seconds before the promised start
	Price  int64
}

// Costs are the prices of the last entries of the cost vector, in seconds of
// travel.
type Costs struct {
	Travel     int64 // per second of travel
	Continuity int64 // per step down the list of carers
	// Fairness prices the convex load of the rolling week, in thousandths:
	// Fairness × busy² / (1000 × Target) per worker.
	Fairness int64
	// Change prices a changed promise, shortest notice first; the last one
	// counts beyond its span too.
	Change [3]Notice
	// Tolerance is how far from the promised start a promise is still kept.
	Tolerance int32
	// JoinLate counts lateness in the last entry instead of its own.
	JoinLate bool
	// MaxLate is the extra price of the single largest lateness cost.
	MaxLate int64
}

// DefaultCosts are the prices used when a Spec names none: a changed promise
// costs an hour of travel inside two hours, twenty minutes inside a day and
// five beyond; ±15 minutes keep a promise.
func DefaultCosts() Costs {
	return Costs{
		Travel: 1, Continuity: 300, Fairness: 100,
		Change:    [3]Notice{{2 * 3600, 3600}, {24 * 3600, 1200}, {MaxTime, 300}},
		Tolerance: 15 * 60,
	}
}

// Cost is how bad a plan is: the visits left out of tier 1 to Tiers, the
// promises not kept, the lateness, and the rest (travel, overtime, continuity,
// fairness, stability, optional visits left out), compared in this order.
type Cost [Tiers + 3]int64

// The entries after the tiers.
const (
	CostBroken = Tiers + iota
	CostLate
	CostRest
)

// Compare is negative when c is better than d, positive when worse.
func (c Cost) Compare(d Cost) int {
	for i := range c {
		if c[i] != d[i] {
			if c[i] < d[i] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Less tells whether c is better than d.
func (c Cost) Less(d Cost) bool { return c.Compare(d) < 0 }

// Split is a cost difference by cause; all but Broken in seconds of travel
// (Late in the slopes of the visits).
type Split struct {
	Broken     int64
	Late       int64
	Travel     int64
	Overtime   int64
	Continuity int64
	Fairness   int64
	Stability  int64
}

// Rest is what the split adds to the last entry of a cost vector that keeps
// lateness apart.
func (s Split) Rest() int64 {
	return s.Travel + s.Overtime + s.Continuity + s.Fairness + s.Stability
}
