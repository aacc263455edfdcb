package order_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/db"
	"linli/service/order"
)

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

func TestAnUrgentOrderNobodyAcceptsClimbsTheLadderToTheMinute(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		h.set("2026-03-02 02:00:00")
		id := h.open("gas-leak", linli.Window{})
		h.pass(10 * time.Second)
		h.assign(id, "wrk_1")
		h.pass(20 * time.Minute) // the timers fire all at once, late
		h.poll()
		expect(t, "history", h.history(id), []string{
			"02 02:00:00 opened", "02 02:00:10 assigned",
			"02 02:01:00 breached accept of worker", "02 02:01:00 escalated accept to dispatcher",
			"02 02:01:10 breached state of worker", "02 02:01:10 escalated state to next-worker",
			"02 02:03:00 breached contact of worker", "02 02:03:00 escalated accept to duty-officer",
			"02 02:05:00 escalated accept to street-director"})
		if n := h.poll(); n != 0 {
			t.Errorf("%d timers fired twice", n)
		}
	})
}

func TestAnOrdinaryOrderOfTheNightIsCountedFromTheOpening(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		h.set("2026-03-02 22:00:00")
		id := h.open("plumbing", linli.Window{})
		h.pass(10 * time.Hour) // 08:00
		h.poll()
		expect(t, "state", h.state(id), "open")
		h.pass(time.Hour + time.Second)
		h.poll()
		expect(t, "history", h.history(id), []string{"02 22:00:00 opened",
			"03 08:30:00 breached accept of dispatcher", "03 08:30:00 escalated accept to dispatcher",
			"03 08:30:00 breached state of dispatcher", "03 08:30:00 escalated state to dispatcher",
			"03 09:00:00 escalated accept to street-director"})
	})
}

func TestAReassignmentResetsNoPromise(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("no-water", linli.Window{})
		for range 3 {
			h.pass(4 * time.Minute)
			h.assign(id, "wrk_1")
			h.assign(id, "wrk_2")
		}
		h.poll()
		got := h.history(id)
		expect(t, "breach", got[5], "02 09:10:00 breached accept of worker")
		// Taking it and giving it back at once is no acceptance either.
		other := h.open("no-water", linli.Window{})
		h.assign(other, "wrk_1")
		h.do(other, order.ActAccept, "")
		h.pass(time.Minute)
		h.do(other, order.ActUnassign, "called-off")
		h.pass(time.Hour)
		h.poll()
		got = h.history(other)
		expect(t, "touch and release", got[4:7], []string{"02 09:18:00 breached state of duty-officer", "02 09:18:00 escalated state to dispatcher", "02 09:22:00 breached accept of duty-officer"})
	})
}

func TestOnePauseForTheResidentStopsTheClockForAtMostADay(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("no-water", linli.Window{}) // to be started by 11:00, done by 09:00 of the 3rd
		h.assign(id, "wrk_1")
		h.do(id, order.ActAccept, "")
		h.do(id, order.ActContact, "")
		h.pass(time.Hour)
		h.do(id, order.ActPause, order.WaitingForResident) // 10:00
		h.pass(72 * time.Hour)
		h.poll() // it goes on by itself after 24 hours
		h.do(id, order.ActArrive, "")
		expect(t, "history", h.history(id)[4:], []string{"02 10:00:00 paused", "03 10:00:00 resumed",
			"03 11:00:00 breached start of worker", "03 11:00:00 escalated start to duty-officer",
			"03 11:00:00 breached state of worker", "03 11:00:00 escalated state to dispatcher",
			"04 09:00:00 breached close of worker", "04 09:00:00 escalated close to duty-officer", "05 10:00:00 arrived"})
		var waiting int64
		h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
			return tx.QueryRow(`SELECT waiting_ms FROM order_pub_order WHERE id = $1`, id).Scan(&waiting)
		}))
		expect(t, "excluded", ms(waiting), 24*time.Hour)

		// A second wait, or a wait for anything else, stops nothing.
		second := h.open("no-water", linli.Window{})
		h.assign(second, "wrk_1")
		h.do(second, order.ActAccept, "")
		h.do(second, order.ActContact, "")
		h.pass(10 * time.Minute)
		h.do(second, order.ActPause, order.WaitingForResident)
		h.pass(10 * time.Minute)
		h.do(second, order.ActResume, "")
		h.do(second, order.ActPause, order.WaitingForResident)
		h.pass(3 * time.Hour)
		h.poll()
		expect(t, "breach", h.history(second)[7:8], []string{"05 12:10:00 breached start of duty-officer"})
	})
}

func ms(n int64) time.Duration { return time.Duration(n) * time.Millisecond }

func TestAnAppointmentReplacesTheLimitUntilArrival(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		slot := linli.Window{From: at("2026-03-05 14:00:00"), To: at("2026-03-05 14:30:00")}
		id := h.open("bathing", slot)
		h.set("2026-03-05 15:00:00")
		h.poll()
		expect(t, "history", h.history(id)[1:], []string{
			"02 09:30:00 breached accept of dispatcher", "02 10:00:00 breached state of dispatcher", "02 10:00:00 escalated state to dispatcher",
			"04 09:00:00 breached contact of dispatcher",
			"05 12:00:00 escalated slot to dispatcher", "05 14:45:00 breached start of dispatcher", "05 14:45:00 escalated start to dispatcher"})
		// Without a wish the first promise is the appointment, and a later one does not move it.
		h.set("2026-03-06 09:00:00")
		id = h.open("bathing", linli.Window{})
		h.assign(id, "wrk_1") // promised 10:00 to 10:30
		h.pass(2 * time.Minute)
		h.do(id, order.ActAccept, "")
		h.pass(time.Hour)
		h.assign(id, "wrk_2") // promised 11:02 to 11:32
		h.do(id, order.ActAccept, "")
		h.pass(time.Hour)
		h.poll()
		expect(t, "breach", h.history(id)[5:6], []string{"06 10:45:00 breached start of worker"})
	})
}

func TestMergedDuplicatesInheritTheEarliestSubmission(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		demand := linli.DemandID(linli.NewID("dem", monday))
		var id linli.OrderID
		h.write(func(tx db.Tx) (err error) {
			id, err = h.Open(h.ctx(), tx, order.Opening{Demand: demand, Source: "phone", Need: linli.Need{Spec: "no-water", Place: home}, Submitted: monday})
			return err
		})
		h.pass(time.Minute)
		h.write(func(tx db.Tx) error { return h.Inherit(h.ctx(), tx, demand, monday.Add(-30*time.Minute)) })
		h.write(func(tx db.Tx) error { return h.Inherit(h.ctx(), tx, demand, monday.Add(-5*time.Minute)) }) // later: nothing
		expect(t, "history", h.history(id), []string{"02 09:00:00 opened", "02 09:01:00 merged",
			"02 09:01:00 breached accept of duty-officer", "02 09:01:00 breached contact of duty-officer", "02 09:01:00 escalated accept to duty-officer"})
	})
}

func TestRedWeatherStretchesOrdinaryOrdersAndNeverShortensAPromise(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		plain, urgent := h.open("plumbing", linli.Window{}), h.open("no-water", linli.Window{})
		weather := func(red bool) {
			h.write(func(tx db.Tx) error { return h.SetWeather(h.ctx(), tx, red) })
			h.poll()
		}
		weather(true)
		later := h.open("plumbing", linli.Window{})
		weather(false)
		after := h.open("plumbing", linli.Window{})
		h.pass(50 * time.Minute)
		h.poll()
		first := func(id linli.OrderID) (line string) {
			for _, l := range h.history(id) {
				if strings.Contains(l, "breached accept") {
					return l[3:11]
				}
			}
			return "none"
		}
		expect(t, "accepted by", []string{first(plain), first(urgent), first(later), first(after)}, []string{"09:45:00", "09:10:00", "09:45:00", "09:30:00"})
	})
}

func TestSilenceConfirmsAfterThreeDaysAndClosesAfterSevenMore(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		id := h.open("plumbing", linli.Window{})
		h.assign(id, "wrk_1")
		h.do(id, order.ActAccept, "")
		h.do(id, order.ActFinish, "")
		h.pass(30 * 24 * time.Hour)
		h.poll()
		expect(t, "history", h.history(id), []string{"02 09:00:00 opened", "02 09:00:00 assigned", "02 09:00:00 accepted", "02 09:00:00 finished",
			"05 09:00:00 confirmed", "12 09:00:00 closed"})
		expect(t, "state", h.state(id), "closed")
	})
}

func TestTimersSurviveTheEndOfTheProcess(t *testing.T) {
	t.Parallel()
	dbEach(t, func(t *testing.T, open func() db.DB) {
		first := newHub(t, open(), monday)
		id := first.open("no-water", linli.Window{})
		first.pass(5 * time.Minute)
		first.poll()
		h := newHub(t, open(), monday.Add(15*time.Minute)) // another process, after a while
		h.poll()
		expect(t, "history", h.history(id)[1:], []string{"02 09:05:00 breached state of duty-officer", "02 09:05:00 escalated state to dispatcher",
			"02 09:10:00 breached accept of duty-officer", "02 09:15:00 breached contact of duty-officer"})
	})
}

func TestAPhoneWithoutNetworkIsBelievedWithinReason(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		worker := h.sign(newWorker("wrk_1"))
		id := h.open("no-water", linli.Window{})
		h.assign(id, "wrk_1")
		h.pass(30 * time.Minute)
		h.poll() // 09:10 breached accept, 09:15 contact
		accept := func(at time.Time) int {
			return h.call(worker, "POST", "/api/v1/orders/"+string(id)+"/accept", map[string]any{"at": at}, nil)
		}
		for _, wrong := range []time.Time{h.now().Add(3 * time.Minute), h.now().Add(-49 * time.Hour)} {
			expect(t, "implausible", accept(wrong), 422)
		}
		expect(t, "before it was assigned", accept(monday.Add(-20*time.Minute)), 422)
		expect(t, "in time, told late", accept(monday.Add(9*time.Minute)), 200)
		got := h.history(id)
		expect(t, "lifted", got[len(got)-2:], []string{"02 09:09:00 accepted", "02 09:09:00 lifted accept of worker"})
	})
}

func TestHistoryDoesNotDependOnWhenTimersFire(t *testing.T) {
	t.Parallel()
	each(t, func(h *hub) {
		run := func(poll bool) []string {
			h.ms.Store(monday.UnixMilli())
			id := h.open("plumbing", linli.Window{})
			for _, step := range []struct {
				after time.Duration
				act   func()
			}{
				{40 * time.Minute, func() { h.assign(id, "wrk_1") }},
				{2 * time.Hour, func() { h.do(id, order.ActAccept, "") }},
				{30 * time.Hour, func() { h.do(id, order.ActPause, order.WaitingForResident) }},
				{50 * time.Hour, func() { h.do(id, order.ActEnRoute, "") }},
				{200 * time.Hour, func() { h.do(id, order.ActFinish, "") }},
				{100 * time.Hour, func() { h.do(id, order.ActReopen, "not-solved") }},
				{time.Hour, func() { h.assign(id, "wrk_2") }},
				{time.Minute, func() { h.do(id, order.ActAccept, "") }},
				{time.Minute, func() { h.do(id, order.ActFinish, "") }},
				{900 * time.Hour, func() {}},
			} {
				for range 10 {
					h.pass(step.after / 10)
					if poll {
						h.poll()
					}
				}
				step.act()
			}
			h.poll()
			return h.history(id)
		}
		punctual, late := run(true), run(false)
		expect(t, "late timers", late, punctual)
		if len(punctual) < 20 {
			t.Errorf("only %d lines: %v", len(punctual), punctual)
		}
	})
}
