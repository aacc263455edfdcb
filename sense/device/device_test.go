package device

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

func TestADeviceComesInByItsTokenAndReachesOnlyItsOwnTopics(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, token := u.bracelet()
		other, _ := u.device("smoke", object{"place": flat})
		if name, err := u.s.Authenticate(t.Context(), id, []byte(token)); err != nil || name != id {
			t.Fatalf("the right token: %q %v", name, err)
		}
		wrong := linli.NewID("dev", u.now())
		for _, x := range []struct{ user, secret string }{{id, token + "x"}, {id, ""}, {other, token}, {wrong, token}, {"", token}, {"dev_x", token}, {id, hashOf([]byte(token))}} {
			if _, err := u.s.Authenticate(t.Context(), x.user, []byte(x.secret)); linli.KindOf(err) != linli.KindUnauthenticated || err.Error() != errKey.Error() {
				t.Errorf("%s with %q: %v", x.user, x.secret, err)
			}
		}
		for topic, may := range map[string]bool{
			Topic(id, UpData): true, Topic(id, UpState): true, Topic(id, UpAck): true,
			Topic(id, "up/other"): false, Topic(id, "up"): false, Topic(id, DownCmd): false, Topic(other, UpData): false, Topic(id+"x", UpData): false,
			"linli/v1/d//up/data": false, "linli/v1/d/" + id: false, "$SYS/x": false, "": false, "linli/v1/d/+/up/data": false, "x/" + Topic(id, UpData): false,
		} {
			if got := u.s.MayPublish(id, topic); got != may {
				t.Errorf("publish to %q: %v", topic, got)
			}
		}
		for filter, may := range map[string]bool{
			Topic(id, DownCmd): true, Topic(id, "down/#"): true, Topic(id, "down/+"): true, Topic(id, DownState): true,
			Topic(id, "#"): false, Topic(id, "+/cmd"): false, Topic(other, DownCmd): false, "#": false, "linli/v1/d/+/down/cmd": false, "linli/#": false, Topic(id, UpData): false,
		} {
			if got := u.s.MaySubscribe(id, filter); got != may {
				t.Errorf("subscribe to %q: %v", filter, got)
			}
		}
		// What names another device in its topic is put aside even if a gate let it through.
		u.ok(u.s.Sink(t.Context(), []Message{{Device: id, Topic: Topic(other, UpData), Payload: []byte(`{"m":{"smoke":1}}`), At: u.now()}}))
		if got := u.stored(); len(got) != 0 || u.get(id).Refusal != badTopic || u.get(other).Refused != 0 {
			t.Errorf("a payload of another device: %v, %+v", got, u.get(id))
		}
	})
}

func TestARevokedTokenIsOutAtOnceOnEveryNode(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, old := u.bracelet()
		second := u.node()
		news, err := u.bus.Last(t.Context())
		u.ok(err)
		hear := func(from int64) int64 {
			return u.follow(from, func(e bus.Event) { u.ok(second.Hear(t.Context(), e)) })
		}
		admit := func(s *Service, token string) bool {
			_, err := s.Authenticate(t.Context(), id, []byte(token))
			return err == nil
		}
		// A rotated token: both are good for a day, so that the device is not locked out.
		fresh := u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/token", nil).str("token")
		news = hear(news)
		if fresh == old || !admit(u.s, old) || !admit(u.s, fresh) || !admit(second, fresh) {
			t.Error("after the rotation both tokens should be good")
		}
		u.clock.Add((24*time.Hour + time.Second).Milliseconds())
		if admit(u.s, old) || admit(second, old) || !admit(second, fresh) {
			t.Error("a day after the rotation only the new token should be good")
		}
		if d := u.get(id); d.Keys != 1 {
			t.Errorf("%d keys", d.Keys)
		}
		u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/revoke", nil)
		if admit(u.s, fresh) || u.s.MayPublish(id, Topic(id, UpData)) || u.s.MaySubscribe(id, Topic(id, DownCmd)) {
			t.Error("a revoked device is let in, or still speaks on its old connection")
		}
		if u.say(id, UpData, `{"m":{"hr":70}}`) {
			t.Error("it spoke")
		}
		news = hear(news)
		if admit(second, fresh) || second.MayPublish(id, Topic(id, UpData)) {
			t.Error("the second node still lets it in")
		}
		// A node that could not read the news lets nobody in until it can, and then the right ones.
		fresh = u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/token", nil).str("token")
		news = hear(news)
		if !second.MayPublish(id, Topic(id, UpData)) {
			t.Fatal("the second node has heard of the new token")
		}
		broken, stop := context.WithCancel(t.Context())
		stop()
		if err := second.Hear(broken, bus.Event{Kind: EventKeyed, Key: id}); err == nil {
			t.Fatal("the news was expected to fail")
		}
		if second.MayPublish(id, Topic(id, UpData)) || !admit(second, fresh) || !second.MayPublish(id, Topic(id, UpData)) {
			t.Error("after news that failed")
		}
		u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/revoke", nil)
		// Past a gate that has not heard yet, the store has.
		u.ok(u.s.Sink(t.Context(), []Message{{Device: id, Topic: Topic(id, UpData), Payload: []byte(`{"m":{"hr":70}}`), At: u.now()}}))
		if got := u.stored(); len(got) != 0 || u.get(id).Refusal != badState {
			t.Errorf("%v %+v", got, u.get(id))
		}
	})
}

func TestSecretsAreShownOnceAndStoredAsHashes(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, token := u.bracelet()
		raw := u.want(201, "steward", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": "Q-1", "place": flat}).str("id")
		code := u.want(200, "steward", "POST", "/api/v1/devices/"+raw+"/code", nil).str("code")
		if len(code) != 16 || len(token) != 43 {
			t.Errorf("code of %d and token of %d characters", len(code), len(token))
		}
		u.ok(u.db.Read(t.Context(), func(tx db.Tx) error {
			for _, table := range []string{"device_device", "device_key", "web_answer", "auth_audit", "bus_event"} {
				rows, err := tx.Query(`SELECT * FROM ` + table)
				if err != nil {
					return err
				}
				columns, err := rows.Columns()
				if err != nil {
					return err
				}
				n := 0
				for rows.Next() {
					n++
					cells := make([]any, len(columns))
					for i := range cells {
						cells[i] = new(any)
					}
					if err := rows.Scan(cells...); err != nil {
						return err
					}
					for _, c := range cells {
						text := fmt.Sprintf("%s", *c.(*any))
						if strings.Contains(text, token) || strings.Contains(text, code) {
							t.Errorf("%s holds a secret", table)
						}
					}
				}
				if n == 0 {
					t.Errorf("%s is empty: the search proves nothing", table)
				}
				if err := rows.Err(); err != nil {
					return err
				}
				rows.Close()
			}
			return nil
		}))
		if r := u.want(200, "steward", "GET", "/api/v1/devices/"+id, nil); strings.Contains(r.raw, token) || strings.Contains(r.raw, hashOf([]byte(token))) {
			t.Error("the register tells the token or its hash")
		}
	})
}

func TestAClaimCodeIsGoodOnceInTimeAndInItsStreet(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		u.agree(u.elder, "sensing")
		id := u.want(201, "steward", "POST", "/api/v1/devices", object{"kind": "door", "serial": "D-1", "place": here}).str("id")
		code := u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/code", nil).str("code")
		claim := func(who, code string, subject linli.ResidentID) reply {
			return u.call(who, "POST", "/api/v1/device-claims", object{"code": code, "subject": subject})
		}
		if r := claim("far", code, ""); r.status != 404 {
			t.Errorf("a steward of another community: %d %s", r.status, r.raw)
		}
		if r := claim("duty", code, u.elder); r.status != 403 {
			t.Errorf("without the permission: %d", r.status)
		}
		for _, bad := range []string{"2222222222222222", strings.ToLower(code[:15]) + "0", hashOf([]byte(code))[:16]} {
			if r := claim("grid", bad, u.elder); r.status != 404 {
				t.Errorf("code %s: %d %s", bad, r.status, r.raw)
			}
		}
		if r := claim("grid", code, u.stranger); r.status != 422 || u.get(id).State != Fresh {
			t.Errorf("for a person of another community: %d %s", r.status, r.raw)
		}
		written := strings.ToLower(code[:4] + "-" + code[4:8] + "-" + code[8:12] + "-" + code[12:])
		r := claim("grid", written, u.elder)
		d, _ := r.body["device"].(object)
		if r.status != 200 || d["state"] != "claimed" || d["place"] != string(flat) || r.str("token") == "" {
			t.Fatalf("%d %s", r.status, r.raw)
		}
		if _, err := u.s.Authenticate(t.Context(), id, []byte(r.str("token"))); err != nil {
			t.Error(err)
		}
		if r := claim("grid", code, u.elder); r.status != 404 {
			t.Errorf("the same code again: %d %s", r.status, r.raw)
		}
		if r := u.call("steward", "POST", "/api/v1/devices/"+id+"/code", nil); r.status != 409 {
			t.Errorf("a code for a claimed device: %d", r.status)
		}
		rev := fmt.Sprintf(`"%d"`, u.get(id).Rev)
		u.want(200, "steward", "PUT", "/api/v1/devices/"+id, object{"place": here}, "If-Match", rev) // taken down again
		if r := claim("grid", code, u.elder); r.status != 404 || u.get(id).State != Fresh {
			t.Errorf("the used code, now that the device is new again: %d %s", r.status, r.raw)
		}
		known := u.want(201, "steward", "POST", "/api/v1/devices", object{"kind": "bed", "serial": "D-3", "subject": u.elder}).str("id")
		code = u.want(200, "steward", "POST", "/api/v1/devices/"+known+"/code", nil).str("code")
		u.want(422, "grid", "POST", "/api/v1/device-claims", object{"code": code, "place": building + "/9/901"})
		u.want(200, "grid", "POST", "/api/v1/device-claims", object{"code": code})
		if d := u.get(known); d.Subject != u.elder || d.Place != flat || d.State != Claimed {
			t.Errorf("%+v", d)
		}
		late := u.want(201, "steward", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": "D-2", "place": flat}).str("id")
		code = u.want(200, "steward", "POST", "/api/v1/devices/"+late+"/code", nil).str("code")
		u.clock.Add((claimTerm + time.Minute).Milliseconds())
		if r := claim("grid", code, ""); r.status != 404 {
			t.Errorf("a code after its term: %d %s", r.status, r.raw)
		}
	})
}

func TestNobodySpeaksAboutAPersonWithoutConsentAndWithdrawingStopsItInMidStream(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		if r := u.call("steward", "POST", "/api/v1/devices", object{"kind": "bracelet", "serial": "B-1", "subject": u.elder}); r.status != 409 {
			t.Fatalf("a bracelet without consent: %d %s", r.status, r.raw)
		}
		u.agree(u.elder, "sensing", "vitals")
		id, _ := u.device("bracelet", object{"subject": u.elder})
		u.say(id, UpData, `{"m":{"hr":72,"steps":900,"lng":121.4,"lat":31.2},"e":["sos"]}`)
		if got := u.stored(); !slices.Equal(got, []string{"hr=72@elder", "steps=900@elder"}) {
			t.Errorf("without a consent for the location: %v", got)
		}
		u.agree(u.elder, "location")
		u.clock.Add(1000)
		u.say(id, UpData, `{"m":{"lng":121.4,"lat":31.2}}`) // nothing has happened: nobody needs to know where
		u.clock.Add(1000)
		u.say(id, UpData, `{"m":{"lng":121.5,"lat":31.3},"e":["fall"]}`)
		if got := u.stored(); !slices.Equal(got, []string{"hr=72@elder", "lat=31.3@elder", "lng=121.5@elder", "steps=900@elder"}) {
			t.Errorf("with a consent for the location: %v", got)
		}
		if d := u.get(id); d.Withheld != 4 || d.State != Active {
			t.Errorf("%+v", d)
		}

		// Only the vitals are taken back: the rest goes on, in the very next message.
		u.withdraw(u.elder, "vitals")
		u.clock.Add(1000)
		u.say(id, UpData, `{"m":{"hr":99,"steps":950}}`)
		if got := u.stored(); slices.Contains(got, "hr=99@elder") || !slices.Contains(got, "steps=950@elder") {
			t.Errorf("after the vitals were taken back: %v", got)
		}
		u.settle()
		if got := u.stored(); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "hr=") }) || u.get(id).State != Active {
			t.Errorf("the vitals should be erased and the bracelet stay: %v %+v", got, u.get(id))
		}

		// Everything: before any flow has run, on a gate that knows nothing of it.
		u.withdraw(u.elder, "sensing")
		u.clock.Add(1000)
		before := len(u.told(EventHappened))
		if !u.say(id, UpData, `{"m":{"steps":1000},"e":["sos","low-battery"]}`) {
			t.Fatal("the gate was expected not to know yet")
		}
		if got := u.stored(); slices.Contains(got, "steps=1000@elder") {
			t.Errorf("a sample was stored after the withdrawal: %v", got)
		}
		if all := u.told(EventHappened); len(all) != before+1 || !strings.Contains(string(all[before].Data), "low-battery") || strings.Contains(string(all[before].Data), string(u.elder)) {
			t.Errorf("of the person nothing, of the battery something: %+v", all[before:])
		}
		u.settle()
		d := u.get(id)
		if d.State != Suspended || d.Reason != ReasonConsent || u.s.MayPublish(id, Topic(id, UpData)) {
			t.Errorf("%+v", d)
		}
		if r := u.call("steward", "POST", "/api/v1/devices/"+id+"/resume", nil); r.status != 409 {
			t.Errorf("resumed without consent: %d", r.status)
		}
		for _, s := range u.stored() {
			if strings.HasPrefix(s, "steps") {
				t.Errorf("not erased: %s", s)
			}
		}
		if n := len(u.told(EventErased)); n != 2 {
			t.Errorf("%d erasures told", n)
		}
		u.agree(u.elder, "sensing")
		u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/resume", nil)
		if !u.say(id, UpData, `{"m":{"steps":5}}`) || !slices.Contains(u.stored(), "steps=5@elder") {
			t.Error("agreed anew, it should speak again")
		}
	})
}

func TestAnErasureThatFailsIsOpenWithItsDeadlineUntilItIsDone(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.bracelet()
		u.say(id, UpData, `{"m":{"hr":72}}`)
		u.withdraw(u.elder, "vitals")
		u.ok(u.bus.Drain(t.Context()))
		r := u.want(200, "steward", "GET", "/api/v1/device-fleet", nil)
		// Monday the 2nd of March, and fifteen working days on: Monday the 23rd.
		if r.body["erasures_open"] != 1.0 || r.body["erasure_due"] != "2026-03-23" {
			t.Errorf("%s", r.raw)
		}
		if r := u.want(200, "far", "GET", "/api/v1/device-fleet", nil); r.body["erasures_open"] != 0.0 {
			t.Errorf("another community sees %s", r.raw)
		}
		u.settle()
		if r := u.want(200, "steward", "GET", "/api/v1/device-fleet", nil); r.body["erasures_open"] != 0.0 || len(u.stored()) != 0 {
			t.Errorf("%s %v", r.raw, u.stored())
		}
	})
}

func TestOfAForgottenPersonNoDeviceKnowsAnything(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, token := u.bracelet()
		u.want(200, "steward", "PUT", "/api/v1/devices/"+id+"/desired", object{"settings": object{"fence_m": 300}})
		u.say(id, UpData, `{"m":{"hr":72},"e":["sos"]}`)
		u.write(func(tx db.Tx) error { return u.people.Forget(tx, auth.System, u.elder, "本人书面要求删除") })
		u.settle()
		d := u.get(id)
		if d.Subject != "" || d.Place != building || d.State != Suspended || d.Reason != ReasonForgotten || d.Keys != 0 {
			t.Errorf("%+v", d)
		}
		if _, err := u.s.Authenticate(t.Context(), id, []byte(token)); linli.KindOf(err) != linli.KindUnauthenticated {
			t.Error(err)
		}
		if r := u.want(200, "steward", "GET", "/api/v1/devices/"+id, nil); strings.Contains(r.raw, "fence_m") || strings.Contains(r.raw, string(u.elder)) || len(u.stored()) != 0 {
			t.Errorf("%s %v", r.raw, u.stored())
		}
	})
}
