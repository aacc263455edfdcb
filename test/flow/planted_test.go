package flow_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
)

// row says to whom and where a planted thing belongs, in the words of the policy.
type row struct {
	place     linli.Place
	org       string
	workers   []linli.WorkerID
	residents []linli.ResidentID
	isCase    bool // a demand or an order, or what hangs on one: whoever handles it sees it as their own
	public    bool // anybody who may see the noun at all may see it
}

// plant is one stored thing with what may be told about it and to whom.
type plant struct {
	kind  string
	id    string
	side  linli.Place // the community it was planted in
	row   row
	names []string              // ids that are part of its answer
	words map[string]auth.Class // texts nobody should read above their class
	under map[string]string     // ids of what hangs on it, by path segment
}

// planted is a town with something of everything on both sides, and one person per role.
type planted struct {
	*town
	t      tester
	plants []*plant
	byID   map[string]*plant
	roles  map[auth.Role]*person // all of them at home in the north
	draft  string                // of tomorrow's plan; it is of the whole board, its changes are rows
}

type tester interface {
	Helper()
	Fatalf(string, ...any)
	Errorf(string, ...any)
}

func (p *planted) add(x *plant) *plant {
	if p.byID[x.id] != nil && p.byID[x.id].kind == x.kind {
		p.t.Fatalf("%s is planted twice", x.id)
	}
	if x.words == nil {
		x.words = map[string]auth.Class{}
	}
	p.plants = append(p.plants, x)
	p.byID[x.id] = x
	return x
}

// of gives what was planted of a kind on a side.
func (p *planted) of(kind string, side linli.Place) (out []*plant) {
	for _, x := range p.plants {
		if x.kind == kind && x.side == side {
			out = append(out, x)
		}
	}
	return out
}

// plantAll fills a hub: residents with everything that is sensitive, workers with
// certificates, households, bookings, demands and orders in every stage, ratings,
// call-backs, imports and corrections, in the north and in the south.
func plantAll(u *hub) *planted {
	u.t.Helper()
	p := &planted{town: found(u), t: u.t, byID: map[string]*plant{}, roles: map[auth.Role]*person{}}
	p.duty.do("PUT", "/api/v1/callback-setting", object{"share_percent": 100, "seed": "test"}).want(u.t, http.StatusOK)
	for _, side := range []linli.Place{north, south} {
		p.fill(side)
	}
	u.settle()
	p.draft = made(p.desk, "/api/v1/dispatch-drafts", object{"date": monday.AddDate(0, 0, 1).Format(time.DateOnly)})
	p.add(&plant{kind: "drafts", id: p.draft, side: north, row: row{place: street, public: true}})
	p.people()
	return p
}

// made is the id of what a call has made.
func made(p *person, path string, body any) string { return post[id](p, path, body).ID }

func (p *planted) fill(side linli.Place) {
	c := p.community[side]
	mark := marks[side]
	phone := "0008" + num(side) + "000001"
	member := made(p.steward, "/api/v1/organizations/"+c.org+"/members", object{"name": "联络" + mark + "员", "duty": "联系人", "phone": phone})
	p.add(&plant{kind: "organizations", id: c.org, side: side, row: row{place: side, org: c.org}, names: []string{member},
		words: map[string]auth.Class{"社长" + mark: auth.D2, "联络" + mark + "员": auth.D2, phone: auth.D2}, under: map[string]string{"members": member}})
	for i, k := range c.workers {
		p.worker(side, c, k, i)
	}
	for i, r := range c.residents {
		p.resident(side, c, r, i)
	}
	f := p.add(&plant{kind: "facilities", id: c.court, side: side, row: row{place: c.buildings[0], org: c.org, public: true}, names: []string{c.org}})
	p.bookings(side, c, f)
	p.orders(side, c)
	p.demands(side, c)
	p.files(side, c)
	p.devices(side, c)
}

// devices plants a bracelet of a person and a smoke detector of a building, both with
// a key, and a command that waits.
func (p *planted) devices(side linli.Place, c *community) {
	r := c.residents[0]
	consent := post[struct{ Item id }](p.steward, "/api/v1/residents/"+string(r.ID)+"/consents", object{"purpose": "sensing", "version": 1, "channel": "counter"}).Item.ID
	p.add(&plant{kind: "resident-part", id: consent, side: side, row: row{place: r.Place, residents: []linli.ResidentID{r.ID}}, names: []string{string(r.ID)}})
	for _, x := range []struct {
		kind    string
		place   linli.Place
		subject linli.ResidentID
	}{{"bracelet", r.Place, r.ID}, {"smoke", c.buildings[0], ""}} {
		serial := "SER" + num(side) + strings.ToUpper(x.kind)
		dev := made(p.steward, "/api/v1/devices", object{"kind": x.kind, "serial": serial, "place": x.place, "subject": x.subject, "model": "型号" + marks[side]})
		p.steward.do("POST", "/api/v1/devices/"+dev+"/token", nil).want(p.hub.t, http.StatusOK)
		command := made(p.steward, "/api/v1/devices/"+dev+"/commands", object{"command": "report"})
		at := row{place: x.place}
		words := map[string]auth.Class{serial: auth.D7, "型号" + marks[side]: auth.D7, string(x.place): auth.D1}
		names := []string{command}
		if x.subject != "" {
			at.residents, names = []linli.ResidentID{x.subject}, append(names, string(x.subject))
		} else {
			delete(words, string(x.place)) // a building is nobody's
		}
		p.add(&plant{kind: "devices", id: dev, side: side, row: at, names: names, words: words})
	}
}

func num(side linli.Place) string { return string(side[len(side)-1:]) }

var marks = map[linli.Place]string{north: "北", south: "南"}

func (p *planted) worker(side linli.Place, c *community, k *worker, i int) {
	path := "/api/v1/workers/" + string(k.ID)
	number := fmt.Sprintf("CERT%s%04d", num(side), i)
	certificate := get1[struct{ Certificates []id }](p, p.steward.do("POST", path+"/certificates", object{"kind": "mediator", "number": number, "level": 3, "issued": "2024-01-02", "expires": "2026-03-20"})).Certificates[0].ID
	absence := get1[struct{ Absences []id }](p, p.steward.do("POST", path+"/absences", object{"kind": "training", "from": monday.AddDate(0, 0, 20), "to": monday.AddDate(0, 0, 21)})).Absences[0].ID
	p.add(&plant{kind: "workers", id: string(k.ID), side: side, row: row{place: side, org: c.org, workers: []linli.WorkerID{k.ID}}, names: []string{c.org},
		words: map[string]auth.Class{k.Name: auth.D1, k.Phone: auth.D2, number: auth.D2}, under: map[string]string{"certificates": certificate, "absences": absence}})
	for _, x := range []string{certificate, absence} {
		p.add(&plant{kind: "worker-part", id: x, side: side, row: row{place: side, org: c.org, workers: []linli.WorkerID{k.ID}}, names: []string{string(k.ID), c.org}})
	}
}

func get1[T any](p *planted, a answer) (out T) {
	p.t.Helper()
	a.want(p.hub.t, http.StatusOK, http.StatusCreated).into(p.hub.t, &out)
	return out
}

func (p *planted) resident(side linli.Place, c *community, r *resident, i int) {
	n := num(side) + fmt.Sprint(i)
	household := made(p.steward, "/api/v1/households", object{"place": r.Place, "number": "HH" + n + "77"})
	p.add(&plant{kind: "households", id: household, side: side, row: row{place: r.Place, residents: []linli.ResidentID{r.ID}}, names: []string{string(r.ID)},
		words: map[string]auth.Class{"HH" + n + "77": auth.D2, string(r.Place): auth.D1, r.Name: auth.D2, r.Phone: auth.D2}})
	path := "/api/v1/residents/" + string(r.ID)
	p.steward.do("PATCH", path, object{"household": household, "relation": "02", "groups": []string{"empty-nest"}, "health": "病史" + n + "号心脏支架", "aid": "低保证" + n,
		"disability": object{"kinds": []int{4}, "grade": 2}, "care_groups": []string{"low-income"}}, "If-Match", `"1"`).want(p.hub.t, http.StatusOK)
	about := func(sub string, body object) string {
		return post[struct{ Item id }](p.steward, path+"/"+sub, body).Item.ID
	}
	under := map[string]string{
		"contacts": about("contacts", object{"name": "联系" + name(n), "relation": "女儿", "phone": "0006" + n + "00001"}),
		"proxies":  about("proxies", object{"name": "代办" + name(n), "relation": "儿子", "phone": "0007" + n + "00001"}),
		"consents": "health",
	}
	consent := about("consents", object{"purpose": "health", "version": 1, "channel": "counter", "witness": "见证" + name(n)})
	x := p.add(&plant{kind: "residents", id: string(r.ID), side: side, row: row{place: r.Place, residents: []linli.ResidentID{r.ID}}, names: []string{household},
		words: map[string]auth.Class{r.Name: auth.D2, r.Phone: auth.D2, string(r.Place): auth.D1, r.IDNo: auth.D3, "病史" + n + "号心脏支架": auth.D3, "低保证" + n: auth.D3,
			"联系" + name(n): auth.D2, "0006" + n + "00001": auth.D2, "代办" + name(n): auth.D2, "0007" + n + "00001": auth.D2, "见证" + name(n): auth.D2, "HH" + n + "77": auth.D2}, under: under})
	for _, part := range []string{under["contacts"], under["proxies"], consent} {
		p.add(&plant{kind: "resident-part", id: part, side: side, row: x.row, names: []string{string(r.ID)}})
	}
	for at := r.Place; at.Depth() > linli.DepthBuilding; at = at.Parent() {
		if p.byID[string(at)] == nil {
			p.add(&plant{kind: "place", id: string(at), side: side, row: row{place: at}, words: map[string]auth.Class{string(at): auth.D0}})
		}
	}
}

// name turns digits into characters, since names hold none.
func name(digits string) string {
	return strings.Map(func(r rune) rune { return []rune("零壹贰叁肆伍陆柒捌玖")[r-'0'] }, digits)
}

// told is what an order, a demand or a call says about a resident.
func told(r *resident, more ...string) map[string]auth.Class {
	out := map[string]auth.Class{r.Name: auth.D1, r.Phone: auth.D2, string(r.Place): auth.D1}
	for _, w := range more {
		out[w] = auth.D1
	}
	return out
}

func (p *planted) bookings(side linli.Place, c *community, f *plant) {
	for i, r := range c.residents[:2] {
		oid := made(p.desk, "/api/v1/orders", object{"spec": "court", "resident": r.ID, "wish": object{"from": monday.AddDate(0, 0, 1+i), "to": monday.AddDate(0, 0, 1+i).Add(time.Hour)}})
		p.hub.settle()
		var b *struct {
			ID, Code string
			Order    string
		}
		for _, x := range get[list[struct {
			ID, Code string
			Order    string
		}]](p.duty, "/api/v1/bookings", "facility", f.id, "limit", "200").Items {
			if x.Order == oid {
				b = &x
			}
		}
		if b == nil {
			p.t.Fatalf("order %s booked nothing", oid)
		}
		at := row{place: c.buildings[0], org: c.org, residents: []linli.ResidentID{r.ID}, isCase: true}
		p.add(&plant{kind: "bookings", id: b.ID, side: side, row: at, names: []string{oid, f.id, string(r.ID)}, words: map[string]auth.Class{`"` + b.Code + `"`: auth.D1}})
		p.add(&plant{kind: "orders", id: oid, side: side, row: row{place: r.Place, org: c.org, residents: at.residents, isCase: true},
			names: []string{f.id, string(r.ID), c.org, b.ID}, words: told(r), under: map[string]string{}})
	}
}

// orders plants, per resident with the app and worker, a running order with a note,
// a finished one that was judged low (and so is to be called back), and one that
// waits for hands.
func (p *planted) orders(side linli.Place, c *community) {
	for i, r := range c.residents[:2] {
		k := c.workers[i]
		at := row{place: r.Place, org: c.org, workers: []linli.WorkerID{k.ID}, residents: []linli.ResidentID{r.ID}, isCase: true}
		names := []string{c.org, string(k.ID), string(r.ID)}
		open := func(words string, day int) string {
			oid := made(p.desk, "/api/v1/orders", object{"spec": "visit-care", "resident": r.ID, "words": words, "dispatch": "manual",
				"wish": object{"from": monday.AddDate(0, 0, day), "to": monday.AddDate(0, 0, day).Add(2 * time.Hour)}})
			post[object](p.desk, "/api/v1/dispatches", object{"order_id": oid, "worker_id": k.ID})
			k.phone.act(linli.OrderID(oid), "accept", nil)
			return oid
		}
		word := func(what string) string { return fmt.Sprintf("%s%s%d号", what, marks[side], i) }

		running := open(word("探望老人"), 1)
		k.phone.act(linli.OrderID(running), "note", object{"note": word("门铃坏了")})
		proof := id{}
		k.phone.send(request{"POST", "/api/v1/orders/" + running + "/evidence?kind=photo", picture(i + 10), map[string]string{"Content-Type": "image/png"}}).want(p.hub.t, http.StatusCreated).into(p.hub.t, &proof)
		x := p.add(&plant{kind: "orders", id: running, side: side, row: at, names: append(slices.Clone(names), proof.ID), words: told(r, word("探望老人"), word("门铃坏了")),
			under: map[string]string{"evidence": proof.ID, "steps": "4"}})
		x.words[k.Name] = auth.D1

		done := open(word("陪聊一小时"), 2)
		k.phone.act(linli.OrderID(done), "steps/4", object{"note": word("一切平安")})
		k.phone.act(linli.OrderID(done), "finish", nil)
		p.hub.settle() // the call-back is drawn
		rating := made(r.phone, "/api/v1/ratings", object{"order_id": done, "nps": 3, "stars": 2, "words": word("来得太晚")})
		x = p.add(&plant{kind: "orders", id: done, side: side, row: at, names: names, words: told(r, word("陪聊一小时"), word("一切平安")), under: map[string]string{"steps": "4"}})
		x.words[k.Name] = auth.D1
		judged := at
		judged.residents = nil // who gave a rating is not shown
		p.add(&plant{kind: "ratings", id: rating, side: side, row: judged, names: []string{done, c.org, string(k.ID)}, words: map[string]auth.Class{word("来得太晚"): auth.D1, string(r.Place): auth.D1}})
		p.add(&plant{kind: "callbacks", id: done, side: side, row: at, names: names, words: told(r, word("不满意因为迟到"))})
		if i == 0 {
			post[object](p.duty, "/api/v1/callbacks/"+done+"/result", object{"reached": false, "note": word("不满意因为迟到")})
		}

		if i == 0 { // and one that nobody has judged yet
			fresh := open(word("陪聊半小时"), 3)
			k.phone.act(linli.OrderID(fresh), "steps/4", object{"note": word("一切都好")})
			k.phone.act(linli.OrderID(fresh), "finish", nil)
			p.hub.settle()
			x = p.add(&plant{kind: "orders", id: fresh, side: side, row: at, names: names, words: told(r, word("陪聊半小时"), word("一切都好")), under: map[string]string{"fresh": "yes"}})
			x.words[k.Name] = auth.D1
			p.add(&plant{kind: "callbacks", id: fresh, side: side, row: at, names: names, words: told(r)})
		}

		every := made(p.desk, "/api/v1/visit-series", object{"resident": r.ID, "spec": "visit-care", "every": object{"n": 2, "unit": "week"}, "within_days": 3,
			"from": monday.AddDate(0, 0, 60).Format(time.DateOnly), "prefer": []linli.WorkerID{k.ID}, "words": word("隔周看望")})
		p.add(&plant{kind: "visit-series", id: every, side: side, row: row{place: r.Place, residents: at.residents, isCase: true}, names: []string{string(r.ID), string(k.ID)}, words: told(r, word("隔周看望"))})

		waits := made(p.desk, "/api/v1/orders", object{"spec": "haircut", "resident": r.ID, "words": word("上门理发")})
		p.hub.settle()
		p.add(&plant{kind: "orders", id: waits, side: side, row: row{place: r.Place, residents: at.residents, isCase: true}, names: []string{string(r.ID)}, words: told(r, word("上门理发")), under: map[string]string{}})
	}
}

// demands plants what waits for a clerk, with photo, name and phone of the caller, a
// case with two voices, and a correction.
func (p *planted) demands(side linli.Place, c *community) {
	for i, r := range c.residents[:2] {
		n := marks[side] + fmt.Sprint(i)
		photo := id{}
		r.phone.send(request{"POST", "/api/v1/demands/photos", picture(20 + i), map[string]string{"Content-Type": "image/png"}}).want(p.hub.t, http.StatusCreated).into(p.hub.t, &photo)
		text := "这件事" + n + "说来话长，请人来听一听再说"
		did := made(r.phone, "/api/v1/demands", object{"text": text, "photos": []string{photo.ID}, "name": r.Name, "phone": r.Phone})
		at := row{place: r.Place, residents: []linli.ResidentID{r.ID}, isCase: true}
		words := map[string]auth.Class{text: auth.D1, r.Name: auth.D2, r.Phone: auth.D2, string(r.Place): auth.D1}
		p.add(&plant{kind: "demands", id: did, side: side, row: at, names: []string{string(r.ID)}, words: words, under: map[string]string{"photos": photo.ID}})

		// The desk adds a second voice of somebody who is not in the register.
		voice := "再说一遍那件事" + n + "吧，邻居也这么讲"
		second := made(p.duty, "/api/v1/demands", object{"text": voice, "place": r.Place, "name": "来电" + n + "人", "phone": "0009" + num(side) + fmt.Sprint(i) + "00001"})
		post[demand](p.duty, "/api/v1/demands/"+second+"/merge", object{"into": did})
		p.byID[did].names = append(p.byID[did].names, second)
		p.add(&plant{kind: "demands", id: second, side: side, row: row{place: r.Place, isCase: true}, names: []string{did}, under: map[string]string{},
			words: map[string]auth.Class{voice: auth.D1, "来电" + n + "人": auth.D2, "0009" + num(side) + fmt.Sprint(i) + "00001": auth.D2, string(r.Place): auth.D1}})
	}
	taught := map[linli.Place]string{north: "老物件积灰在北屋，请人归置归置", south: "南边那一摊子不晓得该找谁，帮我想想办法"}[side]
	r := c.residents[2]
	lesson := made(p.duty, "/api/v1/demands", object{"text": taught, "for_resident": r.ID})
	post[demand](p.duty, "/api/v1/demands/"+lesson+"/triage", object{"spec": "errand"})
	p.hub.settle()
	d := p.demand(linli.DemandID(lesson))
	at := row{place: r.Place, residents: []linli.ResidentID{r.ID}, isCase: true}
	o := p.order(d.Order)
	p.add(&plant{kind: "demands", id: lesson, side: side, row: at, names: []string{string(r.ID), string(d.Order)}, words: map[string]auth.Class{taught: auth.D1, r.Name: auth.D2, r.Phone: auth.D2, string(r.Place): auth.D1}, under: map[string]string{}})
	x := &plant{kind: "orders", id: string(d.Order), side: side, row: at, names: []string{lesson, string(r.ID)}, words: told(r, taught), under: map[string]string{}}
	if o.Worker != nil { // whoever was nearest, from either side
		x.row.workers, x.row.org = []linli.WorkerID{o.Worker.ID}, p.community[p.byID[string(o.Worker.ID)].side].org
		x.names = append(x.names, string(o.Worker.ID), x.row.org)
		x.words[p.town.worker(o.Worker.ID).Name] = auth.D1
	}
	p.add(x)
	for _, l := range get[list[struct{ ID, Demand string }]](p.duty, "/api/v1/demands/corrections").Items {
		if l.Demand == lesson {
			p.add(&plant{kind: "corrections", id: l.ID, side: side, row: at, names: []string{lesson}, words: map[string]auth.Class{taught: auth.D1}})
		}
	}
}

func (p *planted) files(side linli.Place, c *community) {
	file := "姓名,电话,地点编码\n名单" + marks[side] + "人,x,x\n"
	var report id
	p.steward.send(request{"POST", "/api/v1/resident-imports?filename=a.csv&place=" + string(side), []byte(file), map[string]string{"Content-Type": "text/csv"}}).want(p.hub.t, http.StatusOK).into(p.hub.t, &report)
	p.add(&plant{kind: "resident-imports", id: report.ID, side: side, row: row{place: side}})
	for _, b := range c.buildings {
		for at := b; at != ""; at = at.Parent() {
			if p.byID[string(at)] == nil {
				p.add(&plant{kind: "place", id: string(at), side: side, row: row{place: at, public: true}})
			}
		}
	}
}

// people makes one account per role of the policy, all at home in the north.
func (p *planted) people() {
	c := p.community[north]
	for _, role := range slices.Sorted(maps.Keys(auth.Rules.Roles)) {
		g := auth.Grant{Role: role}
		n := auth.NewUser{Login: "role-" + string(role), Name: "角色"}
		switch auth.Rules.Roles[role].Reach {
		case auth.ReachPlace:
			g.Place = north
		case auth.ReachOrg:
			g.Org = linli.OrgID(c.org)
		case auth.ReachOwn:
			switch role {
			case "resident":
				n.Resident = c.residents[0].ID
			case "guardian":
				n.Wards = []linli.ResidentID{c.residents[0].ID}
			default:
				n.Worker = c.workers[0].ID
			}
		}
		n.Grants = []auth.Grant{g}
		p.roles[role] = p.hub.user(n)
	}
}
