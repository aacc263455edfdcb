package order

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
)

// State is where an order stands.
type State string

// The states. Closed, Failed and Canceled are ends; only a reopening leaves them.
const (
	Open      State = "open"      // nobody has it yet
	Waiting   State = "waiting"   // nobody can serve it now; dispatch tries again
	Assigned  State = "assigned"  // given to a worker or a facility
	Accepted  State = "accepted"  // a person has taken it
	EnRoute   State = "en_route"  // on the way
	Arrived   State = "arrived"   // at the door
	Finished  State = "finished"  // delivered; the resident has three days to object
	Confirmed State = "confirmed" // the resident agrees, or did not object
	Rated     State = "rated"     // rated low: somebody looks into it
	Closed    State = "closed"    // nothing left to do
	Paused    State = "paused"    // stands still for a reason
	Failed    State = "failed"    // could not be delivered
	Canceled  State = "canceled"  // no longer wanted
)

// States lists all of them in the order of a life.
var States = []State{Open, Waiting, Assigned, Accepted, EnRoute, Arrived, Paused, Finished, Confirmed, Rated, Closed, Failed, Canceled}

// Ended tells whether nothing happens to the order anymore by itself.
func (s State) Ended() bool { return s == Closed || s == Failed || s == Canceled }

var stateWords = map[State]auth.Words{
	Open: {Zh: "待派单", En: "open"}, Waiting: {Zh: "待人手", En: "waiting for hands"}, Assigned: {Zh: "待接单", En: "assigned"},
	Accepted: {Zh: "已接单", En: "accepted"}, EnRoute: {Zh: "在路上", En: "on the way"}, Arrived: {Zh: "服务中", En: "being served"},
	Finished: {Zh: "待确认", En: "finished"}, Confirmed: {Zh: "待评价", En: "confirmed"}, Rated: {Zh: "待回访", En: "rated"}, Closed: {Zh: "已办结", En: "closed"},
	Paused: {Zh: "已暂停", En: "paused"}, Failed: {Zh: "未办成", En: "failed"}, Canceled: {Zh: "已取消", En: "canceled"},
}

// Act is something a person, another slice or time itself does to an order.
type Act string

// The acts.
const (
	ActAssign   Act = "assign"
	ActShift    Act = "shift"
	ActAmend    Act = "amend"
	ActUnassign Act = "unassign"
	ActWait     Act = "wait"
	ActAccept   Act = "accept"
	ActContact  Act = "contact"
	ActEnRoute  Act = "en-route"
	ActArrive   Act = "arrive"
	ActStep     Act = "step"
	ActNote     Act = "note"
	ActPause    Act = "pause"
	ActResume   Act = "resume"
	ActFinish   Act = "finish"
	ActConfirm  Act = "confirm"
	ActDispute  Act = "dispute"
	ActRate     Act = "rate"
	ActClose    Act = "close"
	ActFail     Act = "fail"
	ActCancel   Act = "cancel"
	ActReopen   Act = "reopen"
	ActMerge    Act = "merge"
)

// rule is a row of the state machine: from where an act leads where, what it is
// called in the timeline, and which permission it takes (none: other slices only).
type rule struct {
	from   []State
	to     State // "" stays
	kind   string
	may    auth.Permission
	zh     string
	reason bool // must say why
}

var (
	before = []State{Open, Waiting, Assigned, Accepted, EnRoute, Arrived} // not yet delivered, moving
	taken  = []State{Accepted, EnRoute, Arrived}
	undone = append(slices.Clone(before), Paused)
	alive  = append(slices.Clone(undone), Finished, Confirmed, Rated)
)

var machine = map[Act]rule{
	ActAssign:   {from: undone, to: Assigned, kind: EventAssigned, zh: "派单"},
	ActShift:    {from: []State{Assigned, Accepted}, kind: EventShifted, zh: "调整时间"},
	ActAmend:    {from: []State{Open, Waiting, Assigned, Accepted}, kind: EventAmended, zh: "放宽条件", reason: true},
	ActUnassign: {from: []State{Assigned, Accepted, EnRoute, Arrived, Paused}, to: Open, kind: EventUnassigned, zh: "退单", reason: true},
	ActWait:     {from: []State{Open, Waiting}, to: Waiting, kind: EventWaiting, zh: "等人手"},
	ActAccept:   {from: []State{Assigned}, to: Accepted, kind: EventAccepted, may: "order.work", zh: "接单"},
	ActContact:  {from: undone, kind: EventContacted, may: "order.work", zh: "联系居民"},
	ActEnRoute:  {from: []State{Accepted}, to: EnRoute, kind: EventEnRoute, may: "order.work", zh: "出发"},
	ActArrive:   {from: []State{Accepted, EnRoute}, to: Arrived, kind: EventArrived, may: "order.work", zh: "到达"},
	ActStep:     {from: alive, kind: EventStepDone, may: "order.work", zh: "记步骤"},
	ActNote:     {from: States, kind: EventNoted, may: "order.work", zh: "记一笔"},
	ActPause:    {from: before, to: Paused, kind: EventPaused, may: "order.work", zh: "暂停", reason: true},
	ActResume:   {from: []State{Paused}, kind: EventResumed, may: "order.work", zh: "恢复"}, // back to where it was paused
	ActFinish:   {from: taken, to: Finished, kind: EventFinished, may: "order.work", zh: "办结"},
	ActConfirm:  {from: []State{Finished}, to: Confirmed, kind: EventConfirmed, may: "order.confirm", zh: "确认"},
	ActDispute:  {from: []State{Finished}, to: Open, kind: EventReopened, may: "order.confirm", zh: "不认可", reason: true},
	ActRate:     {from: []State{Finished, Confirmed, Closed}, kind: EventRated, zh: "评价"}, // on to Closed, or to Rated when it is low
	ActClose:    {from: []State{Confirmed, Rated}, to: Closed, kind: EventClosed, may: "order.manage", zh: "结单"},
	ActFail:     {from: undone, to: Failed, kind: EventFailed, may: "order.manage", zh: "记为未办成", reason: true},
	ActCancel:   {from: undone, to: Canceled, kind: EventCanceled, may: "order.manage", zh: "取消", reason: true},
	ActReopen:   {from: []State{Finished, Confirmed, Rated, Closed, Failed, Canceled}, to: Open, kind: EventReopened, may: "order.manage", zh: "重开", reason: true},
	ActMerge:    {from: alive, kind: EventMerged, zh: "并入更早的提交"},
}

// The reasons a pause, failure, cancellation or reopening may give; the note says the rest.
var reasons = map[Act][]string{
	ActPause:  {WaitingForResident, "material", "weather", "worker-unable", "safety", "other"},
	ActFail:   {"no-worker", "refused", "not-at-home", "not-feasible", "out-of-catalog", "no-show", "other"},
	ActCancel: {"withdrawn", "duplicate", "solved-otherwise", "mistake", "other"},
	ActReopen: {"not-solved", "poor-quality", "came-back", "mistake", "other"},
}

// WaitingForResident is the reason of the one pause that stops the promise's clock.
const WaitingForResident = "waiting-for-resident"

// NotNeeded is the reason by which a resident says the service was not what was asked for.
const NotNeeded = "not-needed"

func init() { reasons[ActDispute] = append([]string{NotNeeded}, reasons[ActReopen]...) }

const (
	reopenLimit = 30 * 24 * time.Hour // after that it is a new order
	rateLimit   = 30 * 24 * time.Hour // after the service was delivered
	clockSkew   = 2 * time.Minute     // how far a phone's clock may run ahead
	backSkew    = 10 * time.Minute    // how far it may lie behind the last act
	offline     = 48 * time.Hour      // how long a phone may keep an act
	lowStars    = 2                   // so few, and somebody looks into it
	codeTries   = 5
)

// Action is an act with everything it needs.
type Action struct {
	Act        Act
	At         int64 // milliseconds, settled by when
	By         Actor
	Reason     string
	Note       string
	Evidence   []string
	Step       int64
	Assignment linli.Assignment
	Need       linli.Need // of an amendment
	Reasons    []linli.Reason
	Stars      int64
	NPS        *int64 // nil: not answered
	Unwanted   bool   // the resident says it was not what was asked for
	Submitted  int64  // of a merged duplicate
}

// Actor is who acts.
type Actor struct {
	User linli.UserID
	Name string
}

// entry is a line of the timeline, and usually an event of the bus.
type entry struct {
	at       int64
	kind     string
	state    State
	by       Actor
	reason   string
	note     string
	step     int64
	evidence []string
	stars    int64
	nps      *int64
	clock    string // of breaches and escalations
	limit    int64
	owner    Owner
	to       string
	reasons  []linli.Reason
	worker   linli.WorkerID
}

// when settles the moment of an act. Phones without network tell later what was
// done and when; that is believed if it is neither in the future, nor before what
// is already known of the order, nor older than a phone may keep it.
func (o *Row) when(claimed time.Time, now time.Time) (int64, error) {
	last, at := o.LastAt, linli.Millis(claimed)
	switch {
	case claimed.IsZero():
		return max(linli.Millis(now), last), nil
	case claimed.After(now.Add(clockSkew)):
		return 0, linli.Invalid("at", "时间在将来，请检查手机时钟", "the time lies in the future; check the clock of the phone")
	case claimed.Before(now.Add(-offline)):
		return 0, linli.Invalid("at", "超过 48 小时的操作不能再补交，请联系调度员", "an act older than 48 hours cannot be handed in; call the dispatcher")
	case at < last-backSkew.Milliseconds():
		return 0, linli.Invalid("at", "时间早于这张单的上一步，请刷新后再记", "the time lies before the last act on this order; reload and try again")
	}
	return max(min(at, linli.Millis(now)), last), nil
}

// refuse says why an act does not fit, with the state as it is.
func (o *Row) refuse(a Act) error {
	w := stateWords[o.State]
	return linli.Conflict(
		fmt.Sprintf("%s 现在是“%s”，不能%s", o.Number, w.Zh, machine[a].zh),
		fmt.Sprintf("%s is %s now; it cannot %s", o.Number, w.En, strings.ReplaceAll(string(a), "-", " ")))
}

// apply carries out an act on the row and returns the lines it adds to the
// timeline. On an error the row is unchanged.
func (o *Row) apply(c *class, a Action) ([]entry, error) {
	r, ok := machine[a.Act]
	if !ok || !slices.Contains(r.from, o.State) {
		return nil, o.refuse(a.Act)
	}
	if err := a.check(r); err != nil {
		return nil, err
	}
	if err := o.timely(a); err != nil {
		return nil, err
	}
	from := o.State
	o.LastAt = a.At
	if r.to != "" && !o.replanned(a) {
		o.enter(r.to, a.At)
	}
	switch a.Act {
	case ActAssign:
		o.assign(c, a)
	case ActShift:
		o.StartAt = linli.Millis(a.Assignment.Start)
	case ActAmend:
		o.WishFrom, o.WishTo = linli.Millis(a.Need.Wish.From), linli.Millis(a.Need.Wish.To)
		o.Skills, o.Exclude = toJSON(a.Need.Skills), toJSON(a.Need.Exclude)
	case ActUnassign:
		o.void(a.At)
		o.unpromise()
		o.Worker, o.Second, o.Org, o.Facility = "", "", "", ""
		o.StartAt, o.PromisedFrom, o.PromisedTo, o.Auto = 0, 0, 0, 0
		o.Reasons = noReasons
	case ActWait:
		o.Reasons = toJSON(a.Reasons)
	case ActAccept:
		o.AcceptedAt = first(o.AcceptedAt, a.At)
	case ActContact:
		o.ContactedAt = first(o.ContactedAt, a.At)
	case ActEnRoute:
		o.EnRouteAt, o.ContactedAt = first(o.EnRouteAt, a.At), first(o.ContactedAt, a.At)
	case ActArrive:
		o.arrive(a.At)
	case ActPause:
		o.Held, o.PauseReason = from, a.Reason
		if a.Reason == WaitingForResident && o.WaitingFrom == 0 {
			o.WaitingFrom = a.At
		}
	case ActResume:
		o.enter(o.Held, a.At)
	case ActFinish:
		o.arrive(a.At)
		o.FinishedAt = a.At
	case ActConfirm:
		o.ConfirmedAt = a.At
	case ActRate:
		return o.rate(a), nil
	case ActClose, ActFail, ActCancel:
		o.ClosedAt = a.At
	case ActReopen, ActDispute:
		o.reopen(a)
	case ActMerge:
		o.SubmittedAt = min(o.SubmittedAt, a.Submitted)
	}
	out := []entry{o.line(r.kind, a)}
	if o.State == Assigned && o.Worker == "" {
		// A booked slot needs nobody's yes: the facility has agreed by offering it.
		o.enter(Accepted, a.At)
		o.AcceptedAt = first(o.AcceptedAt, a.At)
		out = append(out, o.line(EventAccepted, Action{At: a.At, By: a.By, Reason: "slot"}))
	}
	return out, nil
}

func first(known, at int64) int64 {
	if known != 0 {
		return known
	}
	return at
}

// check refuses an act without its reason or with an unknown one.
func (a Action) check(r rule) error {
	if a.Act == ActMerge && a.Submitted <= 0 {
		return linli.Invalid("submitted_at", "缺少提交时间", "the time of submission is missing")
	}
	if !r.reason {
		return nil
	}
	known, closed := reasons[a.Act]
	switch {
	case a.Reason == "":
		return linli.Invalid("reason", r.zh+"要写明原因", "say why: "+string(a.Act))
	case closed && !slices.Contains(known, a.Reason):
		return linli.Invalidf("reason", "没有这个原因：%s", "%s is not one of the reasons", a.Reason)
	case a.Reason == "other" && strings.TrimSpace(a.Note) == "":
		return linli.Invalid("note", "选了“其他”，请写一句说明", `"other" needs a sentence`)
	}
	return nil
}

// timely refuses what comes too late to count.
func (o *Row) timely(a Action) error {
	switch {
	case a.Act == ActReopen && a.At > max(o.ClosedAt, o.FinishedAt)+reopenLimit.Milliseconds():
		return linli.Conflict("办结超过 30 天，请另开一张服务单", "it ended more than 30 days ago; open a new order")
	case a.Act == ActRate && (o.FinishedAt == 0 || o.RatedAt != 0):
		return linli.Conflict("这张单已经评价过，或还没有办结", "this order was rated already, or was not delivered")
	case a.Act == ActRate && a.At > o.FinishedAt+rateLimit.Milliseconds():
		return linli.Conflict("办结超过 30 天，不能再评价", "it was delivered more than 30 days ago and cannot be rated anymore")
	}
	return nil
}

// enter moves to a state; a pause ends with it.
func (o *Row) enter(s State, at int64) {
	if o.WaitingFrom != 0 && o.WaitingTo == 0 && s != Paused {
		o.WaitingTo = min(at, o.WaitingFrom+waitingLimit.Milliseconds())
	}
	if s != Paused {
		o.PauseReason = ""
	}
	o.State, o.StateAt, o.StateLate = s, at, 0
	o.Live = 1
	if s.Ended() {
		o.Live = 0
	}
}

// touch is how long an acceptance must stand to count as one: taking an order to
// stop the clock and giving it back is no answer to the resident.
const touch = 30 * time.Minute

// void takes back an acceptance that was given up at once.
func (o *Row) void(at int64) {
	if o.AcceptedAt != 0 && o.EnRouteAt == 0 && at-o.AcceptedAt < touch.Milliseconds() {
		o.AcceptedAt = 0
	}
}

// replanned tells whether dispatch only moves an order its worker has already
// taken to another time: it stays taken.
func (o *Row) replanned(a Action) bool {
	return a.Act == ActAssign && o.Worker != "" && o.Worker == a.Assignment.Worker && slices.Contains(taken, o.State)
}

func (o *Row) assign(c *class, a Action) {
	n := a.Assignment
	if n.Worker != o.Worker {
		o.void(a.At)
	}
	if o.PromisedFrom != linli.Millis(n.Promise.From) || o.PromisedTo != linli.Millis(n.Promise.To) {
		o.unpromise()
	}
	o.Worker, o.Second, o.Org, o.Facility = n.Worker, n.Second, n.Org, n.Facility
	o.StartAt, o.PromisedFrom, o.PromisedTo = linli.Millis(n.Start), linli.Millis(n.Promise.From), linli.Millis(n.Promise.To)
	o.Reasons, o.Auto = toJSON(n.Reasons), 0
	if n.Auto {
		o.Auto = 1
	}
	if o.PromisedFrom == o.PriorFrom && o.PromisedTo == o.PriorTo {
		o.PriorFrom, o.PriorTo = 0, 0 // it is kept after all
	}
	if o.PromisedFrom == 0 {
		return
	}
	if c.Told {
		o.ContactedAt = first(o.ContactedAt, a.At) // the promised window was sent to the resident
	}
	if o.SlotFrom == 0 && o.LimitStart == 0 {
		// A booked service without a wish is appointed by the first promise, and
		// stays so: a later assignment cannot move it.
		o.SlotFrom, o.SlotTo = o.PromisedFrom, o.PromisedTo
	}
}

// unpromise remembers what the resident was told and what no longer holds.
func (o *Row) unpromise() {
	if o.PromisedFrom != 0 {
		o.PriorFrom, o.PriorTo = o.PromisedFrom, o.PromisedTo
	}
}

// arrive records the way, too, when nobody pressed the button for it.
func (o *Row) arrive(at int64) {
	o.EnRouteAt, o.ContactedAt, o.ArrivedAt = first(o.EnRouteAt, at), first(o.ContactedAt, at), first(o.ArrivedAt, at)
}

// rate records the judgement, which also confirms. A good one leaves nothing to
// do; a low one waits for somebody to look into it; a late one changes no state.
func (o *Row) rate(a Action) []entry {
	o.RatedAt, o.Stars, o.ConfirmedAt = a.At, a.Stars, first(o.ConfirmedAt, a.At)
	if a.Unwanted {
		o.Unwanted = 1
	}
	if o.State == Closed {
		return []entry{o.line(EventRated, a)}
	}
	o.enter(Rated, a.At)
	out := []entry{o.line(EventRated, a)}
	if a.Stars > lowStars {
		o.enter(Closed, a.At)
		o.ClosedAt = a.At
		out = append(out, o.line(EventClosed, Action{At: a.At, By: a.By}))
	}
	return out
}

// reopen starts a new round: its history stays and the clock of the promise runs on.
func (o *Row) reopen(a Action) {
	o.Round++
	o.Worker, o.Second, o.Org, o.Facility = "", "", "", ""
	o.StartAt, o.PromisedFrom, o.PromisedTo, o.PriorFrom, o.PriorTo, o.Auto = 0, 0, 0, 0, 0, 0
	o.FinishedAt, o.ConfirmedAt, o.RatedAt, o.ClosedAt, o.Stars = 0, 0, 0, 0, 0
	o.Reasons = noReasons
	if a.Reason == NotNeeded {
		o.Unwanted = 1
	}
}

func (o *Row) line(kind string, a Action) entry {
	return entry{at: a.At, kind: kind, state: o.State, by: a.By, reason: a.Reason, note: a.Note, step: a.Step,
		evidence: a.Evidence, stars: a.Stars, nps: a.NPS, reasons: a.Reasons, worker: o.Worker}
}

// stretched notes that weather has moved the limits.
func (o *Row) stretched(at int64) entry { return o.line(EventStretched, Action{At: at, By: byTime}) }

// repeated tells whether an act only says again what is already so: a double tap,
// or a phone that did not hear the answer. It is answered and changes nothing.
func (o *Row) repeated(a Action) bool {
	switch a.Act {
	case ActAccept, ActEnRoute, ActArrive, ActFinish, ActConfirm, ActClose:
		return o.State == machine[a.Act].to
	case ActPause:
		return o.State == Paused && o.PauseReason == a.Reason
	}
	return false
}
