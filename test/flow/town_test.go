package flow_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"linli"
	"linli/auth"
)

// street is an invented street office; its two communities are served apart.
const (
	street linli.Place = "990001001"
	north  linli.Place = street + "001"
	south  linli.Place = street + "002"
)

// town is a street as its office has entered it.
type town struct {
	hub       *hub
	steward   *person
	security  *person
	duty      *person
	desk      *person // the dispatcher
	director  *person
	audit     *person
	community map[linli.Place]*community
}

// community is what the tests know of one community.
type community struct {
	place     linli.Place
	buildings []linli.Place
	at        linli.Point
	org       string
	workers   []*worker
	residents []*resident
	court     string
}

type worker struct {
	ID    linli.WorkerID
	Name  string
	Phone string
	phone *person
}

type resident struct {
	ID    linli.ResidentID
	Name  string
	Phone string
	Place linli.Place
	IDNo  string
	phone *person
}

// daily is a worker's week without a day off.
var daily = slices.Repeat([]string{"07:00-21:00"}, 7)

// found enters the office's own people and two communities.
func found(u *hub) *town {
	u.t.Helper()
	place := func(login, name string, role auth.Role) *person {
		return u.user(auth.NewUser{Login: login, Name: name, Grants: []auth.Grant{{Role: role, Place: street}}})
	}
	w := &town{hub: u, community: map[linli.Place]*community{},
		steward:  place("steward", "管资料", "data-steward"),
		duty:     place("duty", "值班员", "duty-officer"),
		desk:     place("desk", "调度员", "dispatcher"),
		director: place("director", "主任", "street-director"),
		security: u.user(auth.NewUser{Login: "security", Name: "安全员", Grants: []auth.Grant{{Role: "security-admin"}}}),
		audit:    u.user(auth.NewUser{Login: "audit", Name: "审计员", Grants: []auth.Grant{{Role: "audit-admin"}}}),
	}
	w.settle(north, linli.Point{Lng: 122.60, Lat: 30.90}, "北苑")
	w.settle(south, linli.Point{Lng: 122.64, Lat: 30.90}, "南苑")
	u.settle()
	return w
}

// settle enters a community: places, a provider with two workers, a court, and
// four residents, two of them with the app.
func (w *town) settle(p linli.Place, at linli.Point, name string) {
	c := &community{place: p, at: at}
	w.community[p] = c
	n := len(w.community)
	put := func(place linli.Place, name string, at linli.Point) {
		post[object](w.steward, "/api/v1/places", object{"place": place, "name": name, "at": at})
	}
	put(p, name+"社区", at)
	put(p+"/001", name+"第一网格", at)
	put(p+"/001/yuan", name, at)
	for i := range 3 {
		b := p + linli.Place(fmt.Sprintf("/001/yuan/%d", i+1))
		put(b, fmt.Sprintf("%s%d号楼", name, i+1), linli.Point{Lng: at.Lng + float64(i)*0.001, Lat: at.Lat})
		c.buildings = append(c.buildings, b)
	}
	c.org = post[id](w.steward, "/api/v1/organizations", object{"name": name + "便民服务社", "kind": "pro-provider", "place": p, "at": at, "leader": "社长" + name[:3]}).ID
	for i := range 2 {
		w.hire(c, fmt.Sprintf("%s师%d", name[:3], i+1), fmt.Sprintf("000%d%07d", n, 100+i), "cleaner", "companion", "visitor", "plumber")
	}
	for i := range 4 {
		w.register(c, "居民"+name[:3]+string([]rune("甲乙丙丁")[i]), n*10+i, i < 2)
	}
	hours := []object{}
	for d := range 7 {
		hours = append(hours, object{"day": d, "from_min": 8 * 60, "to_min": 20 * 60})
	}
	c.court = post[id](w.steward, "/api/v1/facilities", object{"kind": "court", "name": name + "球场", "place": c.buildings[0], "at": at, "org": c.org,
		"specs": []string{"court"}, "capacity": 2, "hours": hours, "step_free": true, "active": true}).ID
}

// hire enters a worker with an account.
func (w *town) hire(c *community, name, phone string, skills ...string) *worker {
	held := []object{}
	for _, s := range skills {
		held = append(held, object{"code": s, "level": 2})
	}
	k := &worker{Name: name, Phone: phone}
	k.ID = linli.WorkerID(post[id](w.steward, "/api/v1/workers", object{"org": c.org, "name": name, "phone": phone, "place": c.place, "at": c.at,
		"profile": "e-bike", "skills": held, "week": daily, "max_load_min": 600}).ID)
	k.phone = w.hub.user(auth.NewUser{Login: fmt.Sprint("worker-", w.hub.count()), Name: name, Worker: k.ID, Grants: []auth.Grant{{Role: "provider-worker"}}})
	c.workers = append(c.workers, k)
	return k
}

// register enters a resident, with or without the app on their phone.
func (w *town) register(c *community, name string, n int, account bool) *resident {
	r := &resident{Name: name, Phone: fmt.Sprintf("0005%07d", n), IDNo: idNumber(1950+n%40, n), Place: c.buildings[n%3] + linli.Place(fmt.Sprintf("/1/%d01", n%3+1))}
	r.ID = linli.ResidentID(post[id](w.steward, "/api/v1/residents", object{"name": name, "id_no": r.IDNo, "phone": r.Phone, "place": r.Place}).ID)
	if account {
		r.phone = w.hub.user(auth.NewUser{Login: fmt.Sprint("resident-", w.hub.count()), Name: name, Resident: r.ID, Grants: []auth.Grant{{Role: "resident"}}})
	}
	c.residents = append(c.residents, r)
	return r
}

// idNumber is a valid number of region 990001, which does not exist.
func idNumber(year, serial int) string {
	body := fmt.Sprintf("990001%04d0615%03d", year, serial%1000)
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(body[i]-'0') * w
	}
	return body + string("10X98765432"[sum%11])
}

// worker finds who holds an order.
func (w *town) worker(wid linli.WorkerID) *worker {
	w.hub.t.Helper()
	for _, c := range w.community {
		for _, k := range c.workers {
			if k.ID == wid {
				return k
			}
		}
	}
	w.hub.t.Fatalf("there is no worker %q", wid)
	return nil
}

// demand and order are what the tests read of the answers.
type demand struct {
	ID          linli.DemandID   `json:"id"`
	State       string           `json:"state"`
	Spec        linli.SpecCode   `json:"spec"`
	Office      string           `json:"office"`
	Source      string           `json:"source"`
	Resident    linli.ResidentID `json:"resident"`
	Place       linli.Place      `json:"place"`
	Certainty   float64          `json:"certainty"`
	Confidence  float64          `json:"confidence"`
	Why         []string         `json:"why"`
	WishFrom    *time.Time       `json:"wish_from"`
	WishTo      *time.Time       `json:"wish_to"`
	SubmittedAt time.Time        `json:"submitted_at"`
	MergedInto  linli.DemandID   `json:"merged_into"`
	Order       linli.OrderID    `json:"order"`
	Outcome     string           `json:"outcome"`
	Voices      int              `json:"voices"`
	System      string           `json:"system"`
	ExternalID  string           `json:"external_id"`
}

type order struct {
	ID       linli.OrderID    `json:"id"`
	Demand   linli.DemandID   `json:"demand"`
	State    string           `json:"state"`
	Round    int64            `json:"round"`
	Rev      int64            `json:"rev"`
	Spec     linli.SpecCode   `json:"spec"`
	SLA      linli.SLAClass   `json:"sla"`
	Resident linli.ResidentID `json:"resident"`
	Place    linli.Place      `json:"place"`
	Promise  linli.Window     `json:"promise"`
	Start    time.Time        `json:"start"`
	Facility linli.FacilityID `json:"facility"`
	Auto     bool             `json:"auto"`
	Why      []linli.Reason   `json:"why"`
	Stars    int64            `json:"stars"`
	Breached []string         `json:"breached"`
	Worker   *struct {
		ID   linli.WorkerID `json:"id"`
		Name string         `json:"name"`
	} `json:"worker"`
	Submitted time.Time `json:"submitted_at"`
	Steps     []struct {
		No       int64     `json:"no"`
		Required bool      `json:"required"`
		Evidence string    `json:"evidence"`
		DoneAt   time.Time `json:"done_at"`
	} `json:"steps"`
	Timeline []struct {
		Seq   int64     `json:"seq"`
		At    time.Time `json:"at"`
		Kind  string    `json:"kind"`
		State string    `json:"state"`
		Clock string    `json:"clock"`
		To    string    `json:"to_role"`
	} `json:"timeline"`
	Evidence []id `json:"evidence"`
}

func (w *town) order(oid linli.OrderID) order {
	w.hub.t.Helper()
	return get[order](w.desk, "/api/v1/orders/"+string(oid))
}

func (w *town) demand(did linli.DemandID) demand {
	w.hub.t.Helper()
	return get[demand](w.desk, "/api/v1/demands/"+string(did))
}

// act does one thing with an order and wants it done.
func (p *person) act(oid linli.OrderID, act string, body any) {
	p.hub.t.Helper()
	p.do("POST", fmt.Sprintf("/api/v1/orders/%s/%s", oid, act), body).want(p.hub.t, http.StatusOK, http.StatusCreated)
}

// raise lets a resident say something in their own words.
func (r *resident) raise(text string) demand {
	r.phone.hub.t.Helper()
	return post[demand](r.phone, "/api/v1/demands", object{"text": text})
}
