package device

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/people/resident"
)

func TestWhatCannotBeTakenIsCountedAndHoldsNobodyUp(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("gas", object{"place": flat})
		other, _ := u.device("smoke", object{"place": flat})
		u.store.refuse = "co"
		future := u.now().Add(time.Hour).UnixMilli()
		batch := []Message{}
		for _, payload := range []string{strings.Repeat(" ", maxPayload+1) + `{"m":{"lel":1}}`, `{"m":{"lel":1},"photo":"/9j/4AAQ"}`, "\xff\xd8\xff", fmt.Sprintf(`{"t":%d,"m":{"lel":3}}`, future), `{"m":{"hr":70}}`, `{"m":{"lel":400}}`} {
			batch = append(batch, Message{Device: id, Topic: Topic(id, UpData), Payload: []byte(payload), At: u.now()})
		}
		batch = append(batch, Message{Device: linli.NewID("dev", u.now()), Topic: "x", Payload: []byte("x")},
			Message{Device: other, Topic: Topic(other, UpData), Payload: []byte(`{"m":{"smoke":0.4}}`), At: u.now()},
			Message{Device: id, Topic: Topic(id, UpData), Payload: []byte(`{"m":{"lel":2,"co":3}}`), At: u.now()})
		u.ok(u.s.Sink(t.Context(), batch))
		if got := u.stored(); !slices.Equal(got, []string{"lel=2@nobody", "smoke=0.4@nobody"}) {
			t.Errorf("%v", got)
		}
		if d := u.get(id); d.Refused != 7 || d.Refusal != badStore || u.get(other).Refused != 0 {
			t.Errorf("%d refused, last for %s", d.Refused, d.Refusal)
		}
		if r := u.want(200, "steward", "GET", "/api/v1/devices?trouble=refused", nil); len(r.body["items"].([]any)) != 1 {
			t.Error(r.raw)
		}
	})
}

func TestAnAlarmIsTakenOnceEvenWhenTheClockIsWrong(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("smoke", object{"place": flat, "subject": u.elder})
		u.say(id, UpData, `{"t":4102444800000,"e":["smoke"]}`) // the year 2100
		u.clock.Add(time.Minute.Milliseconds())
		u.say(id, UpData, `{"t":4102444800000,"e":["smoke"]}`) // the broker was not answered and sends it again
		u.say(id, UpData, fmt.Sprintf(`{"t":%d,"e":["smoke"]}`, u.now().UnixMilli()))
		all := u.told(EventHappened)
		if len(all) != 2 {
			t.Fatalf("%d alarms told", len(all))
		}
		var first, second Happened
		u.ok(json.Unmarshal(all[0].Data, &first))
		u.ok(json.Unmarshal(all[1].Data, &second))
		if !first.Clock || first.T != u.now().Add(-time.Minute).UnixMilli() || second.Clock || second.T != u.now().UnixMilli() || first.Subject != "" || all[0].Place != flat {
			t.Errorf("%+v %+v", first, second)
		}
	})
}

func TestABatchThatFailsStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("smoke", object{"place": flat})
		boom := linli.Internal(fmt.Errorf("disk"))
		err := u.db.Write(t.Context(), func(tx db.Tx) error {
			if err := u.s.Take(tx, []Message{{Device: id, Topic: Topic(id, UpData), Payload: []byte(`{"m":{"smoke":1},"e":["smoke"]}`), At: u.now()}}); err != nil {
				return err
			}
			return boom
		})
		if err == nil || len(u.stored()) != 0 || len(u.told(EventHappened)) != 0 || u.get(id).State != Claimed || !u.get(id).Seen.IsZero() {
			t.Errorf("%v %v %+v", err, u.stored(), u.get(id))
		}
	})
}

func TestADeviceIsSetAndToldWhatToDoAndAnswers(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.bracelet()
		path := "/api/v1/devices/" + id
		u.want(403, "grid", "PUT", path+"/desired", object{"settings": object{"fence_m": 300}})
		for _, bad := range []object{{"volume": 3}, {"fence_m": 1}, {"fence_m": 1e9}, {"face": 1}} {
			u.want(422, "steward", "PUT", path+"/desired", object{"settings": bad})
		}
		u.want(200, "steward", "PUT", path+"/desired", object{"settings": object{"fence_m": 300, "interval_s": 120}})
		u.want(422, "duty", "POST", path+"/commands", object{"command": "close-valve"})
		cmd := u.want(201, "duty", "POST", path+"/commands", object{"command": "buzz", "term_s": 60}).str("id")
		u.clock.Add(1)
		slow := u.want(201, "duty", "POST", path+"/commands", object{"command": "report"}).str("id")
		down := func() (out []string) {
			links, err := u.s.Downlinks(t.Context(), id)
			u.ok(err)
			for _, l := range links {
				leaf, mine := own(id, l.Topic)
				if !mine || !u.s.MaySubscribe(id, l.Topic) {
					t.Errorf("it may not read %s", l.Topic)
				}
				var v struct {
					ID, Cmd  string
					Settings map[string]float64
				}
				u.ok(json.Unmarshal(l.Payload, &v))
				out = append(out, fmt.Sprint(leaf, " ", v.Cmd, v.Settings))
			}
			return out
		}
		if got := down(); !slices.Equal(got, []string{"down/cmd buzzmap[]", "down/cmd reportmap[]", "down/state map[fence_m:300 interval_s:120]"}) {
			t.Errorf("%q", got)
		}
		u.say(id, UpState, `{"battery":87,"signal":-71,"firmware":"1.4.2-rc1","settings":{"fence_m":300}}`)
		u.say(id, UpAck, fmt.Sprintf(`{"id":%q,"ok":true}`, cmd))
		if got := down(); !slices.Equal(got, []string{"down/cmd reportmap[]", "down/state map[interval_s:120]"}) {
			t.Errorf("%q", got)
		}
		other, _ := u.device("smoke", object{"place": flat})
		u.say(other, UpAck, fmt.Sprintf(`{"id":%q,"ok":true}`, slow)) // not its command
		u.pass(6 * time.Minute)
		r := u.want(200, "steward", "GET", path, nil)
		states := map[string]any{}
		for _, c := range r.body["commands"].([]any) {
			states[c.(object)["id"].(string)] = c.(object)["state"]
		}
		if states[cmd] != CommandDone || states[slow] != CommandExpired || u.get(other).Refusal != badWord {
			t.Errorf("%v, %+v", states, u.get(other))
		}
		if r.body["battery"] != 87.0 || r.body["firmware"] != "1.4.2-rc1" || r.body["signal_dbm"] != -71.0 {
			t.Error(r.raw)
		}
		for _, bad := range []string{`{"battery":101}`, `{"firmware":"陈阿姨的照片"}`, `{"settings":{"volume":2}}`, `{"name":"x"}`, `[]`} {
			before := u.get(id).Refused
			u.say(id, UpState, bad)
			if u.get(id).Refused != before+1 {
				t.Errorf("%s was taken", bad)
			}
		}
		if n := len(u.told(EventAnswered)); n != 2 {
			t.Errorf("%d answers told", n)
		}
	})
}

func TestNobodyReachesADeviceOfAnotherStreet(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.bracelet()
		path := "/api/v1/devices/" + id
		missing := "/api/v1/devices/" + linli.NewID("dev", u.now())
		for _, x := range []struct {
			method, sub string
			body        any
		}{{"GET", "", nil}, {"PUT", "", object{"model": "x", "place": farFlat, "subject": u.stranger}}, {"POST", "/token", nil}, {"POST", "/revoke", nil}, {"POST", "/code", nil}, {"POST", "/resume", nil},
			{"POST", "/suspend", object{"reason": "x"}}, {"POST", "/retire", object{"reason": "x"}}, {"PUT", "/desired", object{"settings": object{}}}, {"POST", "/commands", object{"command": "buzz"}}, {"PUT", "/certificate", object{"pem": "x"}}} {
			theirs, none := u.call("far", x.method, path+x.sub, x.body, "If-Match", `"1"`), u.call("far", x.method, missing+x.sub, x.body, "If-Match", `"1"`)
			if theirs.status != 404 || none.status != 404 || theirs.str("message_en") != none.str("message_en") {
				t.Errorf("%s %s: %d %s, missing: %d %s", x.method, x.sub, theirs.status, theirs.raw, none.status, none.raw)
			}
		}
		if r := u.want(200, "far", "GET", "/api/v1/devices", nil); len(r.body["items"].([]any)) != 0 {
			t.Error(r.raw)
		}
		// Nor brings one in from there, nor sends one there, nor gives one to somebody there.
		u.want(403, "far", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": "F-1", "place": flat})
		u.want(422, "steward", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": "F-2", "place": farFlat, "subject": u.stranger})
		smoke, _ := u.device("smoke", object{"place": flat})
		u.want(403, "steward", "PUT", "/api/v1/devices/"+smoke, object{"place": farFlat}, "If-Match", `"2"`)
		u.want(422, "steward", "PUT", path, object{"place": farFlat, "subject": u.elder}, "If-Match", `"2"`)
		u.want(200, "elder", "GET", path, nil)
		if r := u.want(200, "elder", "GET", "/api/v1/devices", nil); len(r.body["items"].([]any)) != 1 {
			t.Error(r.raw)
		}
		u.want(403, "elder", "POST", path+"/token", nil)
		u.want(403, "viewer", "GET", path, nil)
		if d := u.get(id); d.Rev != 2 || d.State != Claimed {
			t.Errorf("something changed: %+v", d)
		}
	})
}

func TestGivenToAnotherPersonADeviceBeginsAnew(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, token := u.bracelet()
		u.say(id, UpState, `{"settings":{"fence_m":100}}`)
		var second linli.ResidentID
		u.write(func(tx db.Tx) error {
			name, at := "陆大爷", building+"/1/101"
			r, err := u.people.Register(tx, auth.System, resident.Draft{Name: &name, Place: &at})
			second = r.ID
			return err
		})
		path, rev := "/api/v1/devices/"+id, fmt.Sprintf(`"%d"`, u.get(id).Rev)
		if r := u.call("steward", "PUT", path, object{"subject": second}, "If-Match", rev); r.status != 409 {
			t.Errorf("without a consent of the second: %d %s", r.status, r.raw)
		}
		u.agree(second, "sensing")
		u.want(409, "steward", "PUT", path, object{"subject": second}, "If-Match", `"1"`)
		r := u.want(200, "steward", "PUT", path, object{"subject": second}, "If-Match", rev)
		if r.body["state"] != "new" || r.body["keys"] != 0.0 || r.body["place"] != string(building+"/1/101") {
			t.Error(r.raw)
		}
		if _, err := u.s.Authenticate(t.Context(), id, []byte(token)); err == nil {
			t.Error("the key of the first person still opens")
		}
		if r := u.want(200, "steward", "GET", path, nil); strings.Contains(r.raw, "fence_m") {
			t.Error(r.raw)
		}
	})
}

func TestACertificateLetsInTheDeviceItWasRecordedFor(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("lift-edge", object{"place": building})
		other, _ := u.device("lift-edge", object{"place": building})
		sign := func(days int) *x509.Certificate {
			k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
			u.ok(err)
			raw, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: id}, NotBefore: u.now().Add(-time.Hour), NotAfter: u.now().AddDate(0, 0, days)},
				&x509.Certificate{}, &k.PublicKey, k)
			u.ok(err)
			c, err := x509.ParseCertificate(raw)
			u.ok(err)
			return c
		}
		mine, foreign, over := sign(90), sign(90), sign(-1)
		text := func(c *x509.Certificate) string {
			return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
		}
		path := "/api/v1/devices/" + id + "/certificate"
		for _, bad := range []string{"", "x", text(over), text(mine) + text(foreign), strings.Replace(text(mine), "CERTIFICATE", "PRIVATE KEY", 2)} {
			u.want(422, "steward", "PUT", path, object{"pem": bad})
		}
		u.want(200, "steward", "PUT", path, object{"pem": text(mine)})
		if name, err := u.s.AuthenticateCertificate(t.Context(), id, mine); err != nil || name != id {
			t.Error(name, err)
		}
		if _, err := u.s.AuthenticateCertificate(t.Context(), id, foreign); linli.KindOf(err) != linli.KindUnauthenticated {
			t.Error(err)
		}
		if _, err := u.s.AuthenticateCertificate(t.Context(), other, mine); linli.KindOf(err) != linli.KindUnauthenticated {
			t.Error(err)
		}
		if _, err := u.s.Authenticate(t.Context(), id, mine.Raw); linli.KindOf(err) != linli.KindUnauthenticated {
			t.Error("the certificate itself, which is no secret, was taken for a token")
		}
		u.clock.Add((91 * 24 * time.Hour).Milliseconds())
		if _, err := u.s.AuthenticateCertificate(t.Context(), id, mine); err == nil || u.s.MayPublish(id, Topic(id, UpData)) {
			t.Error("an expired certificate still lets in")
		}
	})
}

func TestCommandsWaitInBoundsAndAnAnswerCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("smoke", object{"place": flat})
		path := "/api/v1/devices/" + id + "/commands"
		first := u.want(201, "duty", "POST", path, object{"command": "mute"}).str("id")
		for range maxOpen - 1 {
			u.want(201, "duty", "POST", path, object{"command": "report"})
		}
		u.want(429, "duty", "POST", path, object{"command": "report"})
		u.say(id, UpAck, fmt.Sprintf(`{"id":%q,"ok":false}`, first))
		u.say(id, UpAck, fmt.Sprintf(`{"id":%q,"ok":true}`, first)) // too late to say otherwise
		all := u.told(EventAnswered)
		var e Commanded
		u.ok(json.Unmarshal(all[0].Data, &e))
		if len(all) != 1 || e != (Commanded{id, first, "mute", CommandFailed}) {
			t.Errorf("%d answers, the first %+v", len(all), e)
		}
		u.want(201, "duty", "POST", path, object{"command": "report"})
	})
}

func TestWhenADeviceWasHeardNeverGoesBackAndNeverLiesAhead(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.device("smoke", object{"place": flat})
		now := u.now()
		for _, x := range []struct{ at, want time.Time }{{now.Add(time.Hour), now}, {now.Add(-time.Hour), now}, {time.Time{}, now}} {
			u.ok(u.s.Sink(t.Context(), []Message{{Device: id, Topic: Topic(id, UpData), Payload: []byte(`{}`), At: x.at}}))
			if got := u.get(id).Seen; !got.Equal(x.want) {
				t.Errorf("arrived at %s: heard at %s, want %s", x.at, got, x.want)
			}
		}
	})
}

func TestWhatMayBeTakenIsAnsweredPerMetric(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		u.agree(u.elder, "sensing", "location")
		worn, _ := u.device("bracelet", object{"subject": u.elder})
		lobby, _ := u.device("door", object{"place": building})
		smoke, _ := u.device("smoke", object{"place": flat, "subject": u.elder})
		ask := func(device, metric string) string {
			var who linli.ResidentID
			var ok bool
			u.ok(u.db.Read(t.Context(), func(tx db.Tx) (err error) {
				who, ok, err = u.s.Allowed(tx, device, metric)
				return err
			}))
			return fmt.Sprint(who == u.elder, ok)
		}
		for _, x := range []struct{ device, metric, want string }{
			{worn, "steps", "true true"}, {worn, "lng", "true true"}, {worn, "hr", "false false"}, {worn, "smoke", "false false"}, {worn, "face", "false false"},
			{lobby, "open", "false true"}, {smoke, "smoke", "false true"}, {linli.NewID("dev", u.now()), "smoke", "false false"},
		} {
			if got := ask(x.device, x.metric); got != x.want {
				t.Errorf("%s of %s: %s, want %s", x.metric, x.device, got, x.want)
			}
		}
		u.want(200, "steward", "POST", "/api/v1/devices/"+smoke+"/suspend", object{"reason": "送修"})
		if got := ask(smoke, "smoke"); got != "false false" {
			t.Errorf("suspended: %s", got)
		}
	})
}
