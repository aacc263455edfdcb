package party

import (
	"math/rand/v2"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli"
	"linli/auth"
	"linli/decide/calendar"
)

func TestCreditCodesOfTheStandardPassAndAnyChangedCharacterFails(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"91350100M000100Y43", "52990001MJ000000X2", "91990001MA00000157", "93990001MF00000210"} {
		if !ValidUSCC(code) {
			t.Errorf("%s should pass", code)
		}
		for i := range code {
			for _, c := range usccAlphabet {
				changed := code[:i] + string(c) + code[i+1:]
				if changed != code && ValidUSCC(changed) {
					t.Errorf("%s passes although it differs from %s", changed, code)
				}
			}
		}
	}
	for _, wrong := range []string{"", "91350100M000100Y4", "91350100M000100Y433", "91350100I000100Y43", "９1350100M000100Y43"} {
		if ValidUSCC(wrong) {
			t.Errorf("%q should not pass", wrong)
		}
	}
}

func shanghai(s string) time.Time {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, linli.Shanghai)
	if err != nil {
		panic(err)
	}
	return at
}

func window(from, to string) linli.Window {
	return linli.Window{From: shanghai(from), To: shanghai(to)}
}

func weekOf(t *testing.T, texts ...string) week {
	w, err := parseWeek(texts)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestAWeekLaysOutShiftsWithExceptionsAndAbsencesCutOut(t *testing.T) {
	t.Parallel()
	p := plan{
		week: weekOf(t, "08:00-12:00, 13:30-17:30", "08:00-12:00", "", "", "", "", ""),
		days: map[calendar.Date][]calendar.Span{
			calendar.NewDate(2026, 3, 3): {},                         // the Tuesday is off
			calendar.NewDate(2026, 3, 4): {{From: 600, To: 11 * 60}}, // the Wednesday has an hour
		},
		absences: []linli.Window{window("2026-03-02 10:00", "2026-03-02 14:00")},
	}
	// 2026-03-02 is a Monday.
	got := p.shifts(shanghai("2026-03-02 09:00"), shanghai("2026-03-09 00:00"))
	want := []linli.Window{
		window("2026-03-02 08:00", "2026-03-02 10:00"), // still running: its real start
		window("2026-03-02 14:00", "2026-03-02 17:30"),
		window("2026-03-04 10:00", "2026-03-04 11:00"),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestAShiftPastMidnightIsOneWindowAndStillRunsOnTheNextDay(t *testing.T) {
	t.Parallel()
	p := plan{week: weekOf(t, "22:00-24:00", "00:00-06:00", "", "", "", "", "")}
	got := p.shifts(shanghai("2026-03-03 03:00"), shanghai("2026-03-04 00:00"))
	if d := cmp.Diff([]linli.Window{window("2026-03-02 22:00", "2026-03-03 06:00")}, got); d != "" {
		t.Error(d)
	}
}

func TestShiftsAreAlwaysInOrderApartAndOutsideAbsences(t *testing.T) {
	t.Parallel()
	start := shanghai("2026-03-02 00:00")
	check := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 1))
		var p plan
		for d := range p.week {
			for from := r.IntN(600); from < 1300 && r.IntN(4) > 0; {
				to := min(1440, from+1+r.IntN(400))
				p.week[d] = append(p.week[d], calendar.Span{From: from, To: to})
				from = to + r.IntN(200)
			}
		}
		for range r.IntN(4) {
			from := start.Add(time.Duration(r.IntN(10*24*60)) * time.Minute)
			p.absences = append(p.absences, linli.Window{From: from, To: from.Add(time.Duration(1+r.IntN(3000)) * time.Minute)})
		}
		now := start.Add(time.Duration(r.IntN(3*24*60)) * time.Minute)
		shifts := p.shifts(now, now.Add(horizon))
		for i, w := range shifts {
			if !w.From.Before(w.To) || !w.To.After(now) || i > 0 && w.From.Before(shifts[i-1].To) {
				return false
			}
			for _, a := range p.absences {
				if a.From.Before(w.To) && w.From.Before(a.To) {
					return false
				}
			}
		}
		return true
	}
	if err := quick.Check(check, nil); err != nil {
		t.Error(err)
	}
}

func TestOnlyACertificateMakesASkillCountAndNeverBeyondItsLevel(t *testing.T) {
	t.Parallel()
	skills := []linli.Skill{{Code: "visitor", Level: 3}, {Code: "elder-carer", Level: 4}, {Code: "electrician", Level: 2}, {Code: "nurse", Level: 1}}
	certs := []Certificate{
		{ID: "crt_old", Kind: "elder-carer", Level: 2, Expires: "2026-01-31"},
		{ID: "crt_new", Kind: "elder-carer", Level: 3, Expires: "2027-01-31"},
		{ID: "crt_life", Kind: "electrician"},
		{ID: "crt_gone", Kind: "nurse", Revoked: shanghai("2026-01-01 00:00")},
	}
	want := []linli.HeldSkill{
		{Skill: linli.Skill{Code: "visitor", Level: 3}},
		{Skill: linli.Skill{Code: "elder-carer", Level: 3}, Proof: "crt_new", Until: shanghai("2027-02-01 00:00")},
		{Skill: linli.Skill{Code: "electrician", Level: 2}, Proof: "crt_life"},
	}
	if d := cmp.Diff(want, held(skills, certs)); d != "" {
		t.Error(d)
	}
}

func TestEachNoticeOfAnEndingCertificateIsDueOnce(t *testing.T) {
	t.Parallel()
	told, got := -1, []int{}
	for left := 40; left >= -3; left-- {
		if n, ok := dueNotice(left, told); ok {
			told = n
			got = append(got, left)
		}
	}
	if d := cmp.Diff([]int{30, 7, 0}, got); d != "" {
		t.Error(d)
	}
	if n, ok := dueNotice(-5, -1); !ok || n != 0 {
		t.Errorf("a certificate found expired is told once: got %d %v", n, ok)
	}
}

func TestTheSeedsFitThePolicyAndEachOther(t *testing.T) {
	t.Parallel()
	twelve := 0
	for _, a := range ActorKinds {
		if !a.Supervises {
			twelve++
		}
		if a.Code != "gov-department" && a.Code != "auditor" && auth.Rules.Classes[a.Code] == nil {
			t.Errorf("the policy has no data classes for actor %s", a.Code)
		}
	}
	if twelve != 12 || len(Modules) != 5 || len(roleList()) != 23 {
		t.Errorf("%d actors, %d modules, %d roles; want 12, 5 and 23", twelve, len(Modules), len(roleList()))
	}
	for code, s := range Skills {
		if _, ok := Certificates[s.Cert]; s.Cert != "" && !ok {
			t.Errorf("skill %s needs unknown certificate %s", code, s.Cert)
		}
	}
	for _, m := range Modules {
		accountable := 0
		for _, a := range m.Acts {
			if a.Part == "A" {
				accountable++
			}
		}
		if accountable == 0 {
			t.Errorf("nobody is accountable for %s", m.Code)
		}
	}
}
