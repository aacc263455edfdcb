package device

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/engine/bus"
)

// hear lets the devices report over some time, each at its own minute of every ten.
func (u *street) hear(d time.Duration, ids ...string) {
	u.t.Helper()
	for end := u.now().Add(d); u.now().Before(end); {
		for i, id := range ids {
			if (u.now().Unix()/60)%10 == int64(i%10) {
				u.say(id, UpData, `{}`)
			}
		}
		u.pass(time.Minute)
	}
}

func (u *street) counts() (out [4]int) {
	u.t.Helper()
	kinds := []string{EventSilent, EventBack, EventOutage, EventOutageOver}
	u.follow(0, func(e bus.Event) {
		if i := slices.Index(kinds, e.Kind); i >= 0 {
			out[i]++
		}
	})
	return out
}

func (u *street) fall(n int) (ids []string) {
	u.t.Helper()
	u.agree(u.elder, "sensing")
	for range n {
		id, _ := u.device("fall-radar", object{"place": flat, "subject": u.elder})
		u.say(id, UpData, `{}`)
		ids = append(ids, id)
	}
	return ids
}

func TestADeviceThatFallsSilentIsToldOnceAndWhenItIsBack(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		ids := u.fall(4)
		u.hear(11*time.Minute, ids...)
		if got := u.counts(); got != [4]int{} {
			t.Fatalf("while all speak: %v", got)
		}
		u.hear(36*time.Minute, ids[1:]...)
		if got := u.counts(); got != [4]int{1, 0, 0, 0} {
			t.Errorf("one is silent: %v", got)
		}
		r := u.want(200, "steward", "GET", "/api/v1/devices?trouble=silent", nil)
		if items := r.body["items"].([]any); len(items) != 1 || items[0].(object)["id"] != ids[0] {
			t.Error(r.raw)
		}
		u.hear(11*time.Minute, ids...)
		if got := u.counts(); got != [4]int{1, 1, 0, 0} {
			t.Errorf("it is back: %v", got)
		}
		if d := u.get(ids[0]); !d.Silent.IsZero() {
			t.Errorf("%+v", d)
		}
	})
}

func TestABuildingThatGoesDarkIsOneNotice(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		ids := u.fall(5)
		elsewhere, _ := u.device("lift-edge", object{"place": here + "/001/e1/b2"})
		u.say(elsewhere, UpData, `{}`)
		all := append(slices.Clone(ids), elsewhere)
		u.hear(11*time.Minute, all...)
		u.hear(36*time.Minute, elsewhere)
		if got := u.counts(); got != [4]int{0, 0, 1, 0} {
			t.Fatalf("the building is dark: %v", got)
		}
		e := u.told(EventOutage)[0]
		if e.Place != building {
			t.Errorf("%+v", e)
		}
		r := u.want(200, "steward", "GET", "/api/v1/device-fleet", nil)
		var f Fleet
		u.ok(json.Unmarshal([]byte(r.raw), &f))
		if len(f.Outages) != 1 || f.Outages[0].Place != building || f.Outages[0].Devices != 5 || f.Kinds[0].Kind != "fall-radar" || f.Kinds[0].Silent != 5 || f.Kinds[0].Active != 5 {
			t.Error(r.raw)
		}
		// The light comes on; one stays dark and is now a matter of its own.
		u.hear(36*time.Minute, all[1:]...)
		if got := u.counts(); got != [4]int{1, 0, 1, 1} {
			t.Errorf("after the light came on: %v", got)
		}
		if s := u.told(EventSilent)[0]; s.Key != ids[0] {
			t.Errorf("%+v", s)
		}
	})
}

func TestWhileTheHubWasDownNobodyWasSilent(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		ids := u.fall(4)
		u.hear(20*time.Minute, ids...)
		u.clock.Add((6 * time.Hour).Milliseconds()) // nobody listened
		u.settle()
		u.hear(20*time.Minute, ids...)
		if got := u.counts(); got != [4]int{} {
			t.Errorf("%v", got)
		}
	})
}

func TestAListOfDevicesIsStoredWholeOrNotAtAllUnlessAsked(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		list := func(rows ...string) []byte {
			return []byte("\ufeff类型,序列号,型号,地点编码,居民编号\n" + strings.Join(rows, "\n") + "\n")
		}
		post := func(query string, raw []byte) (Import, int) {
			r := u.send("steward", "POST", "/api/v1/device-imports"+query, "text/csv", raw)
			var out Import
			_ = json.Unmarshal([]byte(r.raw), &out)
			return out, r.status
		}
		count := func() int {
			return len(u.want(200, "steward", "GET", "/api/v1/devices?limit=200", nil).body["items"].([]any))
		}
		bad := list("smoke,L-1,X,"+string(flat)+",", "camera,L-2,X,"+string(flat)+",", "smoke,L-1,X,"+string(flat)+",", "", "lift-edge,L-3,X,"+string(flat)+",",
			"bed,L-4,X,,"+string(u.elder), "bed,L-5,X,,"+string(u.stranger), "smoke,L-6,X,"+string(farFlat)+",", "smoke,L-7,X,"+string(building)+",")
		out, status := post("", bad)
		rows := []string{}
		for _, e := range out.Errors {
			rows = append(rows, fmt.Sprint(e.Row, e.Field))
			if e.Zh == "" || e.En == "" || e.Zh == e.En {
				t.Errorf("%+v", e)
			}
		}
		if want := []string{"3kind", "4serial", "6place", "7", "8subject", "9"}; status != 422 || !slices.Equal(rows, want) || len(out.Devices) != 0 || count() != 0 || len(u.told(EventRegistered)) != 0 {
			t.Errorf("%d: %q, want %q; %d devices", status, rows, want, count())
		}
		out, status = post("?keep_good=true&secret=token", bad)
		if status != 200 || out.Created != 2 || len(out.Errors) != 6 || count() != 2 {
			t.Fatalf("%d %+v", status, out)
		}
		for _, d := range out.Devices {
			if _, err := u.s.Authenticate(t.Context(), d.ID, []byte(d.Token)); err != nil {
				t.Error(err)
			}
		}
		u.agree(u.elder, "sensing")
		out, status = post("?secret=code", list("bed,L-8,,,"+string(u.elder)))
		if status != 200 || len(out.Devices) != 1 {
			t.Fatalf("%d %+v", status, out)
		}
		u.want(200, "grid", "POST", "/api/v1/device-claims", object{"code": out.Devices[0].Code, "subject": u.elder})
		for _, file := range []string{"", "serial\nX-1\n", "kind,serial,kind\na,b,c\n", "kind,serial\n\"x"} {
			if _, status := post("", []byte(file)); status != 422 {
				t.Errorf("%q: %d", file, status)
			}
		}
		if _, status := post("?secret=password", list()); status != 422 {
			t.Errorf("%d", status)
		}
		big := strings.Builder{}
		big.WriteString("kind,serial,place\n")
		for i := range maxImportRows + 1 {
			fmt.Fprintf(&big, "smoke,BIG-%d,%s\n", i, flat)
		}
		if _, status := post("", []byte(big.String())); status != 422 {
			t.Errorf("too many rows: %d", status)
		}
	})
}

func TestTheLifeOfADeviceGoesOneWay(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, token := u.device("smoke", object{"place": flat})
		path := "/api/v1/devices/" + id
		if d := u.get(id); d.State != Claimed {
			t.Errorf("%+v", d)
		}
		u.say(id, UpData, `{"m":{"smoke":0}}`)
		if d := u.get(id); d.State != Active || d.Seen.IsZero() {
			t.Errorf("%+v", d)
		}
		u.want(409, "steward", "POST", path+"/resume", nil)
		u.want(200, "steward", "POST", path+"/suspend", object{"reason": "送修"})
		if _, err := u.s.Authenticate(t.Context(), id, []byte(token)); linli.KindOf(err) != linli.KindForbidden {
			t.Error(err)
		}
		if u.say(id, UpData, `{"m":{"smoke":9}}`) {
			t.Error("a suspended device spoke")
		}
		u.want(409, "steward", "POST", path+"/token", nil)
		u.want(409, "steward", "POST", path+"/commands", object{"command": "report"})
		u.want(200, "steward", "POST", path+"/resume", nil)
		if !u.say(id, UpData, `{"m":{"smoke":0}}`) || u.get(id).State != Active {
			t.Error("resumed, it should speak")
		}
		u.want(200, "steward", "POST", path+"/retire", object{"reason": "到期"})
		for _, sub := range []string{"/resume", "/token", "/code"} {
			u.want(409, "steward", "POST", path+sub, nil)
		}
		u.want(409, "steward", "PUT", path, object{"place": flat}, "If-Match", fmt.Sprintf(`"%d"`, u.get(id).Rev))
		u.want(409, "steward", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": u.get(id).Serial, "place": flat})
		if _, err := u.s.Authenticate(t.Context(), id, []byte(token)); linli.KindOf(err) != linli.KindUnauthenticated {
			t.Error(err)
		}
	})
}
