package flow_test

import (
	"net/http"
	"testing"
	"time"
)

// A sensor of a person is theirs to see and to stop: with the consent it goes out of
// service and what it measured is erased, while what speaks of nobody stays; who
// takes it back into service asks for the consent first. Of whoever has died or is
// forgotten no sensor stays on.
func TestASensorOfAPersonEndsWithTheirConsent(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.open(t, newClock(monday))
		w := found(u)
		c := w.community[north]
		me, other := c.residents[0], c.residents[1]
		type device struct{ ID, State, Reason, Subject string }
		shown := func(id string) device { return get[device](w.steward, "/api/v1/devices/"+id) }
		put := func(kind, serial string, r *resident) string {
			d := post[device](w.steward, "/api/v1/devices", object{"kind": kind, "serial": serial, "place": r.Place, "subject": r.ID})
			w.steward.do("POST", "/api/v1/devices/"+d.ID+"/token", nil).want(t, http.StatusOK)
			return d.ID
		}
		agree := func(p *person, r *resident, channel string) {
			post[object](p, "/api/v1/residents/"+string(r.ID)+"/consents", object{"purpose": "sensing", "version": 1, "channel": channel})
		}
		w.steward.do("POST", "/api/v1/devices", object{"kind": "bed", "serial": "BED-0", "place": me.Place, "subject": me.ID}).want(t, http.StatusConflict)
		agree(me.phone, me, "app")
		agree(w.steward, other, "paper")
		bed, smoke, hers := put("bed", "BED-1", me), put("smoke", "SMK-1", me), put("bed", "BED-2", other)

		if mine := get[list[device]](me.phone, "/api/v1/devices").Items; len(mine) != 2 {
			t.Errorf("the resident sees %+v", mine)
		}
		me.phone.do("POST", "/api/v1/residents/"+string(me.ID)+"/consents/sensing/withdraw", nil).want(t, http.StatusNoContent)
		u.pass(time.Minute)
		if d := shown(bed); d.State != "suspended" || d.Reason != "consent" {
			t.Errorf("the bed sensor is %+v", d)
		}
		if a, b := shown(smoke), shown(hers); a.State != "claimed" || b.State != "claimed" {
			t.Errorf("what is not concerned is %+v and %+v", a, b)
		}
		fleet := get[struct {
			Open int `json:"erasures_open"`
		}](w.steward, "/api/v1/device-fleet")
		found := get[list[struct{ Act, Detail string }]](w.audit, "/api/v1/audit", "subject", string(me.ID), "act", "device.erase").Items
		if fleet.Open != 0 || len(found) != 1 || found[0].Detail != "sensing" {
			t.Errorf("%d erasures are open, the trail says %+v", fleet.Open, found)
		}
		w.steward.do("POST", "/api/v1/devices/"+bed+"/resume", nil).want(t, http.StatusConflict)
		agree(me.phone, me, "app")
		w.steward.do("POST", "/api/v1/devices/"+bed+"/resume", nil).want(t, http.StatusOK)

		w.steward.do("PATCH", "/api/v1/residents/"+string(other.ID), object{"state": "died"}, "If-Match", `"1"`).want(t, http.StatusOK)
		w.steward.do("POST", "/api/v1/residents/"+string(me.ID)+"/forget", object{"reason": "本人书面要求删除"}).want(t, http.StatusNoContent)
		u.settle()
		if d := shown(hers); d.State != "suspended" || d.Reason != "gone" {
			t.Errorf("the sensor of one who has died is %+v", d)
		}
		for _, id := range []string{bed, smoke} {
			if d := shown(id); d.State != "suspended" || d.Reason != "forgotten" || d.Subject != "" {
				t.Errorf("a sensor of one who is forgotten is %+v", d)
			}
		}
	})
}
