package auth

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"linli"
)

func TestPolicyIsClosed(t *testing.T) {
	t.Parallel()
	if n := len(Rules.Roles); n != 23 {
		t.Fatalf("the policy has %d roles, the plan's table has 23", n)
	}
	for name, role := range Rules.Roles {
		if role.Zh == "" || role.En == "" {
			t.Errorf("role %s has no name in both languages", name)
		}
	}
	for _, broken := range []string{
		"roles: {a: {zh: x, en: x, actor: b, reach: place, may: []}}",
		strings.Replace(string(policyYAML), "reach: own", "reach: all", 1),
		strings.Replace(string(policyYAML), "may: [catalog.read,", "may: [catalog.eat,", 1),
		strings.Replace(string(policyYAML), "D8: f}", "D8: q}", 1),
		strings.Replace(string(policyYAML), "D3: o,", "", 1),
	} {
		if _, err := ReadPolicy([]byte(broken)); err == nil {
			t.Error("a broken policy was accepted")
		}
	}
}

func TestNobodyMayAnything(t *testing.T) {
	t.Parallel()
	var p Principal
	for perm := range Rules.Permissions {
		if p.Can(perm) || !p.Scope(perm).Empty() {
			t.Fatalf("the zero principal may %s", perm)
		}
	}
	if p.Can(SignedIn) || !p.Can(Public) {
		t.Fatal("pseudo-permissions are judged wrong")
	}
	// A grant that lacks its place reaches nothing rather than everything.
	p.Grants = []Grant{{Role: "dispatcher"}}
	if !p.Can("order.read") || !p.Scope("order.read").Empty() {
		t.Fatal("a grant without a place must reach no rows")
	}
}

// The SQL filter is interpreted here by hand and must agree with Covers.
func TestScopeSQLIsCovers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	for range 5000 {
		p := &Principal{Worker: linli.WorkerID(pick("", "w1", "w2")), Resident: linli.ResidentID(pick("", "r1"))}
		if rng.IntN(2) == 0 {
			p.Wards = []linli.ResidentID{"r2"}
		}
		for range rng.IntN(4) {
			p.Grants = append(p.Grants, Grant{
				Role:  Role(pick("dispatcher", "grid-worker", "provider-admin", "provider-worker", "resident", "viewer")),
				Place: linli.Place(pick("", "990001001", "990001001001/001", "990001001002")), Org: linli.OrgID(pick("", "o1", "o2"))})
		}
		row := Row{Place: linli.Place(pick("990001001001/001/e1", "990001001001/002", "990001001002/001")),
			Org: linli.OrgID(pick("", "o1", "o3")), Worker: linli.WorkerID(pick("", "w1", "w3")), Resident: linli.ResidentID(pick("", "r1", "r2", "r3"))}
		s := p.Scope("order.read")
		cond, args := s.SQL(Columns{"place", "org", "worker", "resident"}, 5)
		if got, want := evaluate(t, cond, args, row), s.Covers(row); got != want {
			t.Fatalf("%+v on %+v: SQL %q %v says %v, Covers says %v", s, row, cond, args, got, want)
		}
	}
}

// evaluate interprets the tiny SQL that Scope.SQL makes.
func evaluate(t *testing.T, cond string, args []any, row Row) bool {
	t.Helper()
	switch cond {
	case "1=1":
		return true
	case "1=0":
		return false
	}
	arg := func(mark string) string {
		var n int
		if _, err := fmt.Sscanf(mark, "$%d", &n); err != nil {
			t.Fatalf("mark %q: %v", mark, err)
		}
		return fmt.Sprint(args[n-5])
	}
	for _, term := range strings.Split(strings.Trim(cond, "()"), " OR ") {
		term = strings.Trim(term, "()")
		if low, high, ok := strings.Cut(term, " AND "); ok {
			if string(row.Place) >= arg(strings.TrimPrefix(low, "place >= ")) && string(row.Place) < arg(strings.TrimPrefix(high, "place < ")) {
				return true
			}
			continue
		}
		col, list, _ := strings.Cut(term, " IN (")
		value := map[string]string{"org": string(row.Org), "worker": string(row.Worker), "resident": string(row.Resident)}[col]
		for _, m := range strings.Split(list, ",") {
			if value != "" && value == arg(m) {
				return true
			}
		}
	}
	return false
}

type contact struct {
	Name  string `class:"D1" mask:"name"`
	Phone string `class:"D2" mask:"phone"`
	Note  string `class:"D3"`
	Door  string `class:"D1" mask:"door"`
	Item  string
}

func TestRedactShowsWhatTheMatrixSays(t *testing.T) {
	t.Parallel()
	full := contact{"王秀英", "13812345678", "糖尿病", "990001001001/001/kl/3/2/502", "dining"}
	row := Row{Place: linli.Place(full.Door), Worker: "w1", Org: "o1", Resident: "r1", Case: true}
	register := row
	register.Case, register.Worker, register.Org = false, "", ""
	at := func(role Role, place linli.Place) *Principal {
		return &Principal{User: "u", Grants: []Grant{{Role: role, Place: place}}}
	}
	worker := &Principal{User: "u", Worker: "w1", Grants: []Grant{{Role: "provider-worker"}}}
	stranger := &Principal{User: "u", Worker: "w2", Grants: []Grant{{Role: "provider-worker"}}}
	volunteer := &Principal{User: "u", Worker: "w1", Grants: []Grant{{Role: "volunteer"}}}
	self := &Principal{User: "u", Resident: "r1", Grants: []Grant{{Role: "resident"}}}
	nothing := contact{Item: "dining"}
	for name, c := range map[string]struct {
		p    *Principal
		row  Row
		want contact
	}{
		"dispatcher, a case":        {at("dispatcher", "990001001"), row, contact{"王秀英", "13812345678", "", full.Door, "dining"}},
		"dispatcher, the register":  {at("dispatcher", "990001001"), register, contact{"王秀英", "138****5678", "", full.Door, "dining"}},
		"another street":            {at("dispatcher", "990002001"), row, nothing},
		"secretary sees masked":     {at("community-secretary", "990001001001"), row, contact{"王**", "", "", "990001001001/001/kl/3", "dining"}},
		"the worker of the order":   {worker, row, contact{"王秀英", "13812345678", "", full.Door, "dining"}},
		"another worker":            {stranger, row, nothing},
		"a volunteer, no phone":     {volunteer, row, contact{"王秀英", "", "", full.Door, "dining"}},
		"the resident":              {self, row, full},
		"nobody":                    {&Principal{}, row, nothing},
		"platform admin, no person": {at("platform-admin", ""), row, nothing},
	} {
		w := wrapped{c.row, full}
		Redact(c.p, &w, false)
		if w.C != c.want {
			t.Errorf("%s sees %+v, want %+v", name, w.C, c.want)
		}
	}
	// A reason opens D3 for those who handle the case, and for nobody else.
	for name, c := range map[string]struct {
		p    *Principal
		want string
	}{
		"duty officer": {at("duty-officer", "990001001"), "糖尿病"},
		"secretary":    {at("community-secretary", "990001001"), ""},
		"worker":       {worker, "糖尿病"},
		"volunteer":    {volunteer, ""},
	} {
		w := wrapped{row, full}
		Redact(c.p, &w, true)
		if w.C.Note != c.want {
			t.Errorf("%s with a reason sees note %q, want %q", name, w.C.Note, c.want)
		}
	}
	// A tagged field without any subject around it is cleared.
	lone := full
	Redact(at("dispatcher", "990001001"), &lone, false)
	if lone != nothing {
		t.Errorf("without a row %+v is shown", lone)
	}
}

type wrapped struct {
	row Row
	C   contact
}

func (w wrapped) AuthRow() Row { return w.row }

func TestPasswordsAreNotStored(t *testing.T) {
	t.Parallel()
	h := HashPassword("correct horse battery")
	if strings.Contains(h, "horse") || !CheckPassword(h, "correct horse battery") || CheckPassword(h, "correct horse batterz") {
		t.Fatal("hash does not behave")
	}
	for _, bad := range []string{"", "x", "argon2id$0$0$0$$", "argon2id$19456$2$1$!!$!!", h[:len(h)-4]} {
		if CheckPassword(bad, "correct horse battery") {
			t.Errorf("malformed stored form %q matches", bad)
		}
	}
}

type base struct {
	Name string `json:"name" class:"D1"`
}

type extended struct {
	base
	Rank int
	row  Row
}

func (e extended) AuthRow() Row { return e.row }

// JSON writes the fields of an embedded struct whatever its own name.
func TestWhatIsEmbeddedIsRedactedToo(t *testing.T) {
	t.Parallel()
	there := Row{Place: "990001001001/001", Case: true}
	for place, want := range map[linli.Place]string{"990001001": "王秀英", "990002001": ""} {
		list := []extended{{base{"王秀英"}, 1, there}}
		Redact(&Principal{User: "u", Grants: []Grant{{Role: "dispatcher", Place: place}}}, &list, false)
		if list[0].Name != want || list[0].Rank != 1 {
			t.Errorf("the dispatcher of %s reads %+v", place, list[0])
		}
	}
}
