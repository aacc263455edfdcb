package device

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/engine/job"
	"linli/people/resident"
	"linli/web"
)

const (
	here     = linli.Place("990001001001")
	building = here + "/001/e1/b1"
	flat     = building + "/2/302"
	there    = linli.Place("990001001002")
	farFlat  = there + "/001/e9/b9/1/101"
)

type object = map[string]any

// street is a register of devices beside the real register of residents, with one
// person here and one in another community.
type street struct {
	t        *testing.T
	db       db.DB
	bus      *sqlbus.Bus
	jobs     *job.Runner
	accounts *auth.Accounts
	people   *resident.Service
	store    *shelf
	s        *Service
	r        *web.Router
	clock    atomic.Int64
	tokens   map[string]string
	keys     int
	elder    linli.ResidentID // at home in flat
	stranger linli.ResidentID // at home in farFlat
}

// shelf keeps samples in a table of its own, in the transaction that brings them.
type shelf struct{ refuse string }

func (h *shelf) Append(tx db.Tx, samples []Sample) (refused []int, err error) {
	for i, x := range samples {
		if x.Metric == h.refuse {
			refused = append(refused, i)
			continue
		}
		if _, err := tx.Exec(`INSERT INTO shelf_sample (device, metric, subject, at, value) VALUES ($1,$2,$3,$4,$5) ON CONFLICT (device, metric, subject, at) DO UPDATE SET value = excluded.value`,
			x.Device, x.Metric, x.Subject, linli.Millis(x.At), x.Value); err != nil {
			return nil, err
		}
	}
	return refused, nil
}

func (h *shelf) Erase(tx db.Tx, subject linli.ResidentID, metrics []string) error {
	for _, m := range metrics {
		if _, err := tx.Exec(`DELETE FROM shelf_sample WHERE subject = $1 AND metric = $2`, subject, m); err != nil {
			return err
		}
	}
	return nil
}

func (u *street) now() time.Time { return linli.Time(u.clock.Load()) }

func (u *street) ok(err error) {
	u.t.Helper()
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *street) write(fn func(tx db.Tx) error) {
	u.t.Helper()
	u.ok(u.db.Write(u.t.Context(), fn))
}

func each(t *testing.T, test func(t *testing.T, u *street)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) { test(t, found(t, d)) })
}

func found(t *testing.T, d db.DB) *street {
	u := &street{t: t, db: d, tokens: map[string]string{}, store: &shelf{}}
	u.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, linli.Shanghai).UnixMilli())
	ctx, log := t.Context(), slog.New(slog.DiscardHandler)
	var err error
	began := u.now()
	u.accounts, err = auth.NewAccounts(ctx, d, u.now, func() time.Time { return began }) // nobody is signed out by the passing of test time
	u.ok(err)
	vault, err := auth.OpenVault(filepath.Join(t.TempDir(), "key"), u.now)
	u.ok(err)
	u.bus, u.jobs = sqlbus.New(d, u.now, log), job.New(d, u.now, log)
	u.people, err = resident.New(ctx, d, u.bus, vault, u.accounts, u.now)
	u.ok(err)
	u.r, err = web.New(ctx, d, u.accounts, u.now, log, "test")
	u.ok(err)
	u.s = u.node()
	u.s.Routes(u.r)
	// As app/flow.go joins them.
	u.bus.Subscribe("withdrawn", []string{resident.EventConsentWithdrawn}, bus.On(func(ctx context.Context, tx db.Tx, _ bus.Event, e resident.ConsentChanged) error {
		return u.s.Withdrawn(ctx, tx, e.Resident, e.Purpose)
	}))
	u.bus.Subscribe("forgotten", []string{resident.EventForgotten}, bus.On(func(ctx context.Context, tx db.Tx, _ bus.Event, e resident.Forgotten) error {
		return u.s.Gone(ctx, tx, e.Resident, true)
	}))
	u.write(func(tx db.Tx) error {
		_, err := tx.Exec(`CREATE TABLE shelf_sample (device TEXT, metric TEXT, subject TEXT, at BIGINT, value DOUBLE PRECISION, PRIMARY KEY (device, metric, subject, at))`)
		return err
	})
	u.write(func(tx db.Tx) error {
		for _, home := range []linli.Place{flat, farFlat} {
			for depth := linli.DepthRegion; depth <= linli.DepthBuilding; depth++ {
				if _, err := u.people.PutPlace(tx, auth.System, 0, resident.PlaceDraft{Place: home.At(depth), Name: fmt.Sprint("第", depth, "级"), At: linli.Point{Lng: 121.49, Lat: 31.24}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	person := func(name string, at linli.Place) (id linli.ResidentID) {
		u.write(func(tx db.Tx) error {
			r, err := u.people.Register(tx, auth.System, resident.Draft{Name: &name, Place: &at})
			id = r.ID
			return err
		})
		return id
	}
	u.elder, u.stranger = person("沈阿婆", flat), person("顾大伯", farFlat)
	for login, g := range map[string]auth.Grant{"steward": {Role: "data-steward", Place: here}, "grid": {Role: "grid-worker", Place: here}, "duty": {Role: "duty-officer", Place: here},
		"far": {Role: "data-steward", Place: there}, "viewer": {Role: "viewer"}} {
		u.account(login, auth.NewUser{Grants: []auth.Grant{g}})
	}
	u.account("elder", auth.NewUser{Grants: []auth.Grant{{Role: "resident"}}, Resident: u.elder})
	return u
}

// node is the slice as another process on the same store runs it.
func (u *street) node() *Service {
	u.t.Helper()
	timers := u.jobs
	if u.s != nil {
		timers = job.New(u.db, u.now, slog.New(slog.DiscardHandler))
	}
	s, err := New(u.t.Context(), Deps{DB: u.db, Bus: u.bus, Timers: timers, Now: u.now, Residents: u.people, Consents: u.people, Samples: u.store})
	u.ok(err)
	return s
}

func (u *street) account(login string, n auth.NewUser) {
	u.t.Helper()
	n.Login, n.Name = login+"@test", login
	var id linli.UserID
	u.write(func(tx db.Tx) error {
		a, err := u.accounts.Create(tx, auth.System, n)
		id = a.ID
		return err
	})
	token, err := u.accounts.OpenSession(u.t.Context(), id, "test")
	u.ok(err)
	u.tokens[login] = token
}

type reply struct {
	status int
	etag   string
	body   object
	raw    string
}

func (r reply) str(key string) string {
	s, _ := r.body[key].(string)
	return s
}

func (u *street) send(who, method, path, kind string, raw []byte, header ...string) reply {
	u.t.Helper()
	req := httptest.NewRequest(method, path, bytes.NewReader(raw))
	req.Header.Set("Content-Type", kind)
	if method == "POST" {
		u.keys++
		req.Header.Set("Idempotency-Key", fmt.Sprintf("key-%08d", u.keys))
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	req.AddCookie(&http.Cookie{Name: web.CookieName, Value: u.tokens[who]})
	w := httptest.NewRecorder()
	u.r.ServeHTTP(w, req)
	out := reply{status: w.Code, etag: w.Header().Get("ETag"), raw: w.Body.String()}
	_ = json.Unmarshal(w.Body.Bytes(), &out.body)
	return out
}

func (u *street) call(who, method, path string, body any, header ...string) reply {
	u.t.Helper()
	var raw []byte
	if body != nil {
		var err error
		raw, err = json.Marshal(body)
		u.ok(err)
	}
	return u.send(who, method, path, "application/json", raw, header...)
}

func (u *street) want(status int, who, method, path string, body any, header ...string) reply {
	u.t.Helper()
	r := u.call(who, method, path, body, header...)
	if r.status != status {
		u.t.Fatalf("%s %s as %s: %d, want %d\n%s", method, path, who, r.status, status, r.raw)
	}
	return r
}

func (u *street) agree(id linli.ResidentID, purposes ...string) {
	u.t.Helper()
	for _, p := range purposes {
		u.write(func(tx db.Tx) error {
			_, err := u.people.GiveConsent(tx, auth.System, id, resident.ConsentDraft{Purpose: p, Version: 1, Channel: "paper"})
			return err
		})
	}
}

func (u *street) withdraw(id linli.ResidentID, purpose string) {
	u.t.Helper()
	u.write(func(tx db.Tx) error { return u.people.WithdrawConsent(tx, auth.System, id, purpose) })
}

var serials atomic.Int64

// device registers one and gives it a token.
func (u *street) device(kind string, more object) (id, token string) {
	u.t.Helper()
	body := object{"kind": kind, "serial": fmt.Sprintf("SN-%06d", serials.Add(1))}
	for k, v := range more {
		body[k] = v
	}
	id = u.want(201, "steward", "POST", "/api/v1/devices", body).str("id")
	return id, u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/token", nil).str("token")
}

// bracelet is the elder's, with every consent it can need.
func (u *street) bracelet() (id, token string) {
	u.t.Helper()
	u.agree(u.elder, "sensing", "vitals", "location")
	return u.device("bracelet", object{"subject": u.elder})
}

func (u *street) get(id string) Device {
	u.t.Helper()
	var d row
	u.ok(u.db.Read(u.t.Context(), func(tx db.Tx) (err error) {
		d, err = deviceOf(tx, u.now(), id)
		return err
	}))
	return d.Device
}

// say publishes as a broker does: only what the gate lets through reaches the sink.
func (u *street) say(id, leaf, payload string) (let bool) {
	u.t.Helper()
	if !u.s.MayPublish(id, Topic(id, leaf)) {
		return false
	}
	u.ok(u.s.Sink(u.t.Context(), []Message{{Device: id, Topic: Topic(id, leaf), Payload: []byte(payload), At: u.now()}}))
	return true
}

// stored lists samples as metric=value@subject, in order.
func (u *street) stored() (out []string) {
	u.t.Helper()
	u.ok(u.db.Read(u.t.Context(), func(tx db.Tx) error {
		rows, err := tx.Query(`SELECT metric, value, subject FROM shelf_sample ORDER BY metric, at`)
		if err != nil {
			return err
		}
		defer rows.Close()
		out = nil
		for rows.Next() {
			var m, who string
			var v float64
			if err := rows.Scan(&m, &v, &who); err != nil {
				return err
			}
			name := map[string]string{"": "nobody", string(u.elder): "elder"}[who]
			out = append(out, fmt.Sprintf("%s=%g@%s", m, v, name))
		}
		return rows.Err()
	}))
	return out
}

// follow calls fn for each event after a position up to now, and gives the newest position.
func (u *street) follow(from int64, fn func(e bus.Event)) (last int64) {
	u.t.Helper()
	ctx, cancel := context.WithTimeout(u.t.Context(), 20*time.Second)
	defer cancel()
	mark := linli.NewID("end", u.now())
	u.write(func(tx db.Tx) error { return u.bus.Publish(tx, bus.Event{Kind: "test.end", Key: mark}) })
	err := u.bus.Tail(ctx, from, func(e bus.Event) error {
		last = e.Seq
		if e.Key == mark {
			cancel()
		}
		fn(e)
		return nil
	})
	if err != nil && ctx.Err() != context.Canceled {
		u.t.Fatal(err)
	}
	return last
}

// told lists the events of a kind told so far.
func (u *street) told(kind string) (out []bus.Event) {
	u.t.Helper()
	u.follow(0, func(e bus.Event) {
		if e.Kind == kind {
			out = append(out, e)
		}
	})
	return out
}

// pass moves time and lets happen what it brings, minute by minute for the watch.
func (u *street) pass(d time.Duration) {
	u.t.Helper()
	for end := u.now().Add(d); u.now().Before(end); {
		u.clock.Add(min(time.Minute, end.Sub(u.now())).Milliseconds())
		u.settle()
	}
}

func (u *street) settle() {
	u.t.Helper()
	u.ok(u.bus.Drain(u.t.Context()))
	for {
		n, err := u.jobs.Poll(u.t.Context())
		u.ok(err)
		if n == 0 {
			break
		}
	}
	u.ok(u.bus.Drain(u.t.Context()))
}

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
		hear(news)
		if admit(second, fresh) || second.MayPublish(id, Topic(id, UpData)) {
			t.Error("the second node still lets it in")
		}
		// A node that could not read the news lets nobody in until it can, and then the right ones.
		fresh = u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/token", nil).str("token")
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
