package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/decide/text"
	"linli/engine/bus"
	"linli/engine/bus/sqlbus"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/web"
)

var now = func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, linli.Shanghai) }

var editor = &auth.Principal{User: "usr_editor", Name: "管理员"}

// open builds a service, as a node of the hub would at its start.
func open(t *testing.T, d db.DB) (*Service, bus.Bus) {
	t.Helper()
	b := sqlbus.New(d, now, slog.New(slog.DiscardHandler))
	if _, err := auth.NewAccounts(t.Context(), d, now, now); err != nil { // the audit trail
		t.Fatal(err)
	}
	s, err := New(t.Context(), Deps{DB: d, Bus: b, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return s, b
}

func TestTheCatalogShipsThreeCategoriesTwelveItems64SpecsAndFourClasses(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		n := s.snap.Load()
		got := [4]int{len(n.categories), len(n.items), len(n.specs), len(n.slas)}
		if got != [4]int{3, 12, 64, 4} {
			t.Fatalf("categories, items, specs, classes = %v", got)
		}
		perItem := map[linli.ItemCode]int{}
		for _, spec := range n.specs {
			perItem[spec.Item]++
		}
		want := map[linli.ItemCode]int{"elder-care": 10, "nursery": 5, "health": 6, "child-play": 4, "dining": 4, "homemaking": 7,
			"fitness": 4, "culture": 5, "visiting": 5, "home-safety": 5, "mediation": 4, "emergency": 5}
		if fmt.Sprint(perItem) != fmt.Sprint(want) {
			t.Errorf("specs per item = %v, want %v", perItem, want)
		}
	})
}

func TestEverySeedRowIsSoundAndNamesItsSource(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		n := s.snap.Load()
		sound := func(r row, m Meta, zh, en string) {
			t.Helper()
			if err := r.check(n); err != nil {
				t.Errorf("%s: %v", r.code(), err)
			}
			if m.Source == "" || !slices.Contains([]string{"seen", "known", "proposed"}, m.Confidence) || m.Rev != 1 {
				t.Errorf("%s: source %q, confidence %q, rev %d", r.code(), m.Source, m.Confidence, m.Rev)
			}
			if zh == "" || en == "" {
				t.Errorf("%s: a text is missing in one language", r.code())
			}
		}
		for _, list := range [][]Named{n.categories, n.prices} {
			for _, r := range list {
				sound(&r, r.Meta, r.Zh, r.En)
			}
		}
		for _, r := range n.items {
			sound(&r, r.Meta, r.DurationZh+r.StaffZh, r.DurationEn+r.StaffEn)
			if r.StaffEn == "" || r.SiteZh == "" || r.SiteEn == "" || r.GoalZh == "" || r.GoalEn == "" {
				t.Errorf("%s: a text is missing", r.Code)
			}
		}
		for _, r := range n.slas {
			sound(&r, r.Meta, r.AboutZh, r.AboutEn)
		}
		phrases := map[string]int{}
		for _, r := range n.words {
			sound(&r, r.Meta, r.Code, r.Code)
			if r.Weight <= 0 {
				t.Errorf("%s: weight %v", r.Code, r.Weight)
			}
			phrases[r.Spec] += len(r.Any)
		}
		for _, r := range n.specs {
			sound(&r, r.Meta, r.AboutZh, r.AboutEn)
			if phrases[r.Code] < 3 {
				t.Errorf("%s: only %d phrases", r.Code, phrases[r.Code])
			}
			if spec, err := s.Spec(t.Context(), linli.SpecCode(r.Code)); err != nil || spec.SOP == "" || spec.Length <= 0 || !spec.SLA.Valid() {
				t.Errorf("%s: %+v, %v", r.Code, spec, err)
			}
		}
		for _, sop := range n.sops {
			if sop.State != Published || sop.Source == "" || sop.Confidence == "" || sop.ScopeEn == "" || len(sop.Steps) < 3 {
				t.Errorf("procedure %s: %+v", sop.ID, sop)
			}
			for i, st := range sop.Steps {
				role := auth.Role(st.Owner)
				if _, known := auth.Rules.Roles[role]; !known && st.Owner != "residents-committee" || st.Zh == "" || st.En == "" {
					t.Errorf("procedure %s step %d: %+v", sop.ID, i+1, st)
				}
				if st.Required && st.Evidence == "" {
					t.Errorf("procedure %s step %d is required without evidence", sop.ID, i+1)
				}
			}
		}
		rules, err := s.Lexicon(t.Context())
		if err != nil || !slices.ContainsFunc(rules, func(r text.Rule) bool { return r.Label == Danger }) {
			t.Errorf("lexicon without danger: %v", err)
		}
		if _, err := text.NewLexicon(rules); err != nil {
			t.Error(err)
		}
	})
}

func TestAClassPromisesItsLimits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		accept, contact, start, done, allDay, err := s.Limits(t.Context(), linli.P2)
		got := fmt.Sprint(accept, contact, start, done, allDay, err)
		if want := "10m0s 15m0s 2h0m0s 24h0m0s true <nil>"; got != want {
			t.Errorf("P2 = %s, want %s", got, want)
		}
		if _, _, _, _, _, err := s.Limits(t.Context(), "P9"); linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("P9: %v", err)
		}
	})
}

func TestEditsAndDeletionsSurviveARestartAndReachOtherNodes(t *testing.T) {
	t.Parallel()
	dbtest.EachHome(t, func(t *testing.T, home func() db.DB) {
		d := home()
		s, b := open(t, d)
		other, _ := open(t, d)
		ctx := t.Context()
		spec, err := find(s.snap.Load().specs, "bathing")
		if err != nil {
			t.Fatal(err)
		}
		spec.Minutes, spec.Off = 120, true
		if err := d.Write(ctx, func(tx db.Tx) error {
			if err := s.remove(tx, editor, "word", "court.1", 1); err != nil {
				return err
			}
			_, err := s.put(ctx, tx, editor, "spec", &spec, spec.Rev)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		events := 0
		ended := fmt.Errorf("end")
		if err := b.Tail(ctx, 0, func(e bus.Event) error {
			events++
			if err := other.Hear(ctx, e); err != nil {
				return err
			}
			if events == 2 {
				return ended
			}
			return nil
		}); err != ended {
			t.Fatal(err)
		}
		again, _ := open(t, home())
		for name, node := range map[string]*Service{"other node": other, "after a restart": again} {
			got, err := node.Spec(ctx, "bathing")
			if err != nil || got.Length != 2*time.Hour {
				t.Errorf("%s: length %v, %v", name, got.Length, err)
			}
			if all, _ := node.Specs(ctx); len(all) != 63 {
				t.Errorf("%s: %d specifications on offer, want 63 with one switched off", name, len(all))
			}
			rules, _ := node.Lexicon(ctx)
			for _, r := range rules {
				if r.ID == "court.1" || r.Label == "bathing" {
					t.Errorf("%s: rule %s is still there", name, r.ID)
				}
			}
		}
	})
}

func TestAProcedureMovesOnlyForwardAndPinnedVersionsStay(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		ctx := t.Context()
		before, steps, err := s.SOP(ctx, "bathing")
		if err != nil || before != "elder-care@1" || len(steps) != 8 || !steps[5].Required {
			t.Fatalf("%s %v %v", before, steps, err)
		}
		first, _ := s.Procedure(before)
		body := first.SOPText
		body.Steps = append([]SOPStep(nil), body.Steps[:6]...)
		body.Change = "去掉签约"
		var draft SOP
		if err := d.Write(ctx, func(tx db.Tx) (err error) {
			draft, err = s.DraftFrom(ctx, tx, editor, "elder-care", body)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		body.Zh = "养老上门服务规程（新）"
		if draft, err = s.EditDraft(ctx, editor, draft.ID, draft.Rev, body); err != nil {
			t.Fatal(err)
		}
		if _, err := s.EditDraft(ctx, editor, draft.ID, draft.Rev-1, body); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("stale edit: %v", err)
		}
		if _, err := s.Move(ctx, editor, first.ID, first.Rev, Retired); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("retiring a procedure in use: %v", err)
		}
		if draft, err = s.Move(ctx, editor, draft.ID, draft.Rev, Trial); err != nil {
			t.Fatal(err)
		}
		if draft, err = s.Move(ctx, editor, draft.ID, draft.Rev, Published); err != nil {
			t.Fatal(err)
		}
		if _, err := s.EditDraft(ctx, editor, draft.ID, draft.Rev, body); linli.KindOf(err) != linli.KindConflict {
			t.Errorf("editing a published version: %v", err)
		}
		after, steps, err := s.SOP(ctx, "bathing")
		if err != nil || after != "elder-care@2" || len(steps) != 6 {
			t.Errorf("new orders pin %s with %d steps, %v", after, len(steps), err)
		}
		if old, err := s.Steps(ctx, before); err != nil || len(old) != 8 {
			t.Errorf("the pinned version has %d steps, %v", len(old), err)
		}
		if old, _ := s.Procedure(before); old.State != Retired {
			t.Errorf("the former version is %s", old.State)
		}
		var lines int
		if err := d.Read(ctx, func(tx db.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM auth_audit WHERE subject = 'sop:elder-care@2'`).Scan(&lines)
		}); err != nil || lines != 4 {
			t.Errorf("%d audit lines, %v", lines, err)
		}
	})
}

func TestNoStateOfAProcedureIsReachedTwice(t *testing.T) {
	t.Parallel()
	states := []SOPState{Draft, Trial, Published, Retired}
	for i, from := range states {
		for j, to := range states {
			if canMove(from, to) && j <= i {
				t.Errorf("%s moves back to %s", from, to)
			}
		}
	}
}

// desk calls the routes as a signed-in person.
type desk struct {
	t     *testing.T
	h     http.Handler
	token string
}

func newDesk(t *testing.T, d db.DB, s *Service, role auth.Role) desk {
	t.Helper()
	accounts, err := auth.NewAccounts(t.Context(), d, now, now)
	if err != nil {
		t.Fatal(err)
	}
	r, err := web.New(t.Context(), d, accounts, now, slog.New(slog.DiscardHandler), "test")
	if err != nil {
		t.Fatal(err)
	}
	s.Routes(r)
	var u auth.User
	if err := d.Write(t.Context(), func(tx db.Tx) (err error) {
		u, err = accounts.Create(tx, auth.System, auth.NewUser{Login: string(role), Name: "测试", Grants: []auth.Grant{{Role: role, Place: "990001001"}}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	token, err := accounts.OpenSession(t.Context(), u.ID, "test")
	if err != nil {
		t.Fatal(err)
	}
	return desk{t, r, token}
}

// call sends a JSON request; the answer is decoded into out when it is not nil.
func (k desk) call(method, path string, in, out any, header ...string) int {
	k.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			k.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	req := httptest.NewRequest(method, path, body)
	req.AddCookie(&http.Cookie{Name: web.CookieName, Value: k.token})
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	k.h.ServeHTTP(w, req)
	if out != nil && w.Code < 300 {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			k.t.Fatalf("%s %s: %v in %s", method, path, err, w.Body)
		}
	} else if w.Code >= 500 {
		k.t.Errorf("%s %s: %s", method, path, w.Body)
	}
	return w.Code
}

func TestTheEditorWorksThroughTheAPIAndBadInputChangesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		k := newDesk(t, d, s, "platform-admin")
		var view View
		if code := k.call("GET", "/api/v1/catalog", nil, &view); code != 200 || len(view.Specs) != 64 {
			t.Fatalf("%d with %d specs", code, len(view.Specs))
		}
		spec := view.Specs[0].Spec
		path := "/api/v1/catalog/specs/" + spec.Code
		good := spec
		good.Minutes = 75
		var edited Spec
		if code := k.call("PUT", path, good, &edited, "If-Match", `"1"`); code != 200 || edited.Rev != 2 || edited.Minutes != 75 || edited.EditedBy == "" {
			t.Errorf("edit: %d %+v", code, edited)
		}
		for name, c := range map[string]struct {
			change func(*Spec)
			match  string
			status int
		}{
			"a stale revision":       {func(*Spec) {}, `"1"`, 409},
			"no revision":            {func(*Spec) {}, `x`, 422},
			"an unknown item":        {func(v *Spec) { v.Item = "none" }, `"2"`, 422},
			"an unknown price":       {func(v *Spec) { v.Price = "none" }, `"2"`, 422},
			"an unknown procedure":   {func(v *Spec) { v.SOP = "none" }, `"2"`, 422},
			"an unknown mode":        {func(v *Spec) { v.Mode = "none" }, `"2"`, 422},
			"no name":                {func(v *Spec) { v.Zh = "" }, `"2"`, 422},
			"a blank name":           {func(v *Spec) { v.Zh = "  " }, `"2"`, 422},
			"a facility of a worker": {func(v *Spec) { v.Facility = "court" }, `"2"`, 422},
			"a skill of level 9":     {func(v *Spec) { v.Skills = []linli.Skill{{Code: "nurse", Level: 9}} }, `"2"`, 422},
			"three persons":          {func(v *Spec) { v.Persons = 3 }, `"2"`, 422},
		} {
			v := good
			c.change(&v)
			if code := k.call("PUT", path, v, nil, "If-Match", c.match); code != c.status {
				t.Errorf("%s: %d, want %d", name, code, c.status)
			}
		}
		if code := k.call("PUT", "/api/v1/catalog/specs/none", good, nil, "If-Match", `"1"`); code != 404 {
			t.Errorf("an unknown specification: %d", code)
		}
		if got, _ := s.Spec(t.Context(), linli.SpecCode(spec.Code)); got.Length != 75*time.Minute {
			t.Errorf("after bad edits the length is %v", got.Length)
		}

		word := map[string]any{"spec": "bathing", "any": []string{"冲凉"}, "weight": 3}
		var added Word
		if code := k.call("POST", "/api/v1/catalog/words", word, &added, "Idempotency-Key", "word-0001"); code != 201 {
			t.Fatalf("add a word: %d", code)
		}
		var replay Word
		if k.call("POST", "/api/v1/catalog/words", word, &replay, "Idempotency-Key", "word-0001"); replay.Code != added.Code {
			t.Errorf("a retry made %s besides %s", replay.Code, added.Code)
		}
		if code := k.call("POST", "/api/v1/catalog/words", map[string]any{"spec": "bathing", "weight": 3}, nil, "Idempotency-Key", "word-0002"); code != 422 {
			t.Errorf("a word without words: %d", code)
		}
		if code := k.call("DELETE", "/api/v1/catalog/words/"+added.Code, nil, nil, "If-Match", `"1"`); code != 204 {
			t.Errorf("delete: %d", code)
		}
		if code := k.call("DELETE", "/api/v1/catalog/words/"+added.Code, nil, nil, "If-Match", `"1"`); code != 404 {
			t.Errorf("delete twice: %d", code)
		}

		var sop SOP
		if code := k.call("GET", "/api/v1/sops/homemaking@1", nil, &sop); code != 200 || len(sop.Steps) != 8 {
			t.Fatalf("procedure: %d", code)
		}
		if code := k.call("POST", "/api/v1/sops/homemaking/drafts", sop.SOPText, &sop, "Idempotency-Key", "draft-0001"); code != 201 || sop.ID != "homemaking@2" {
			t.Fatalf("draft: %d %s", code, sop.ID)
		}
		if code := k.call("POST", "/api/v1/sops/none/drafts", sop.SOPText, nil, "Idempotency-Key", "draft-0002"); code != 404 {
			t.Errorf("draft of nothing: %d", code)
		}
		for _, act := range []string{"trial", "publish"} {
			if code := k.call("POST", "/api/v1/sops/homemaking@2/"+act, nil, &sop, "If-Match", fmt.Sprintf(`"%d"`, sop.Rev)); code != 200 {
				t.Errorf("%s: %d", act, code)
			}
		}
		if got, _ := s.Spec(t.Context(), "cleaning"); got.SOP != "homemaking@2" {
			t.Errorf("cleaning follows %s", got.SOP)
		}
	})
}

func TestReadersCannotEdit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		s, _ := open(t, d)
		k := newDesk(t, d, s, "dispatcher")
		if code := k.call("GET", "/api/v1/sops", nil, nil); code != 200 {
			t.Errorf("read: %d", code)
		}
		if code := k.call("POST", "/api/v1/sops/homemaking@1/retire", nil, nil, "If-Match", `"1"`); code != 403 {
			t.Errorf("retire: %d", code)
		}
		if sop, _ := s.Procedure("homemaking@1"); sop.State != Published {
			t.Errorf("the procedure is %s", sop.State)
		}
	})
}

func TestNoTextOfTheCatalogBoasts(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"catalog.yaml", "specs.yaml", "sops.yaml"} {
		raw, err := seeds.ReadFile("seeds/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, boast := range []string{"赋能", "闭环", "智慧", "操作成功", "系统异常", "抓手", "一键"} {
			if strings.Contains(string(raw), boast) {
				t.Errorf("%s says %s", name, boast)
			}
		}
	}
}
