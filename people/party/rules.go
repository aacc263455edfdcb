package party

import (
	"slices"
	"strings"
	"time"

	"linli"
	"linli/decide/calendar"
)

// usccAlphabet are the 31 characters of GB 32100-2015: digits and letters without I, O, S, V and Z.
const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// ValidUSCC tells whether s is a unified social credit code with a right check
// character (GB 32100-2015: weights 3^i mod 31).
func ValidUSCC(s string) bool {
	if len(s) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		v := strings.IndexByte(usccAlphabet, s[i])
		if v < 0 {
			return false
		}
		sum += v * weight
		weight = weight * 3 % 31
	}
	return s[17] == usccAlphabet[(31-sum%31)%31]
}

// week is the weekly pattern of shifts, Monday first.
type week [7][]calendar.Span

func parseWeek(texts []string) (w week, err error) {
	if len(texts) != 7 {
		return w, linli.Invalid("week", "一周要写 7 天，周一开头，休息写空", "a week needs seven texts, Monday first; an empty one is a day off")
	}
	for i, text := range texts {
		if w[i], err = calendar.ParseSpans(text); err != nil {
			return w, err
		}
	}
	return w, nil
}

// plan is everything that decides when a worker can be planned.
type plan struct {
	week     week
	days     map[calendar.Date][]calendar.Span // days on which the pattern does not hold
	absences []linli.Window
}

// shifts lists the working windows that end after from and begin before to, in
// order and not overlapping. A shift past midnight is one window; absences are cut out.
func (p plan) shifts(from, to time.Time) []linli.Window {
	var out []linli.Window
	last := calendar.DateOf(to, linli.Shanghai)
	// A night shift that is still running began on the day before.
	for d := calendar.DateOf(from, linli.Shanghai).AddDays(-1); !last.Before(d); d = d.AddDays(1) {
		spans, excepted := p.days[d]
		if !excepted {
			spans = p.week[(int(d.Weekday())+6)%7]
		}
		midnight := d.In(linli.Shanghai)
		for _, s := range spans {
			w := linli.Window{From: midnight.Add(time.Duration(s.From) * time.Minute), To: midnight.Add(time.Duration(s.To) * time.Minute)}
			if n := len(out); n > 0 && out[n-1].To.Equal(w.From) {
				out[n-1].To = w.To
			} else {
				out = append(out, w)
			}
		}
	}
	for _, a := range p.absences {
		out = cut(out, a)
	}
	return slices.DeleteFunc(out, func(w linli.Window) bool { return !w.To.After(from) || !w.From.Before(to) })
}

// stretched is the text of a day whose span that ends at a moment ends later; not ok
// when there is none, or it would run into the next or past midnight.
func (p plan) stretched(d calendar.Date, end time.Time, more time.Duration) (string, bool) {
	spans, excepted := p.days[d]
	if !excepted {
		spans = p.week[(int(d.Weekday())+6)%7]
	}
	at := int(end.Sub(d.In(linli.Shanghai)) / time.Minute)
	spans = slices.Clone(spans)
	i := slices.IndexFunc(spans, func(s calendar.Span) bool { return s.To == at })
	if i < 0 {
		return "", false
	}
	spans[i].To += int((more + time.Minute - 1) / time.Minute)
	if i+1 < len(spans) && spans[i].To > spans[i+1].From || spans[i].To > 24*60 {
		return "", false
	}
	words := make([]string, len(spans))
	for i, s := range spans {
		words[i] = s.String()
	}
	return strings.Join(words, ", "), true
}

// cut removes the hole from windows in order.
func cut(windows []linli.Window, hole linli.Window) []linli.Window {
	out := make([]linli.Window, 0, len(windows)+1)
	for _, w := range windows {
		if !hole.From.Before(w.To) || !w.From.Before(hole.To) {
			out = append(out, w)
			continue
		}
		if w.From.Before(hole.From) {
			out = append(out, linli.Window{From: w.From, To: hole.From})
		}
		if hole.To.Before(w.To) {
			out = append(out, linli.Window{From: hole.To, To: w.To})
		}
	}
	return out
}

// absent tells whether the moment lies in one of the absences.
func absent(absences []linli.Window, at time.Time) bool {
	return slices.ContainsFunc(absences, func(a linli.Window) bool { return !at.Before(a.From) && at.Before(a.To) })
}

// validUntil is the moment at which a certificate with this last day stops being valid; zero: never.
func validUntil(expires string) time.Time {
	d, err := calendar.ParseDate(expires)
	if err != nil {
		return time.Time{} // "" is a certificate that does not expire; stored dates are well formed
	}
	return d.AddDays(1).In(linli.Shanghai)
}

// held turns the skills a worker states into those the hub may count on: one that
// needs a certificate is listed only with one, and ends when that ends. An expired
// certificate stays listed, so that a refusal can name the day it ended.
func held(skills []linli.Skill, certs []Certificate) []linli.HeldSkill {
	var out []linli.HeldSkill
	for _, s := range skills {
		kind := Skills[s.Code].Cert
		if kind == "" {
			out = append(out, linli.HeldSkill{Skill: s})
			continue
		}
		best := linli.HeldSkill{Skill: s}
		for _, c := range certs {
			if c.Kind != kind || !c.Revoked.IsZero() {
				continue
			}
			until := validUntil(c.Expires)
			if best.Proof == "" || !best.Until.IsZero() && (until.IsZero() || until.After(best.Until)) {
				best.Proof, best.Until = c.ID, until
				if c.Level > 0 && c.Level < s.Level {
					best.Level = c.Level // one cannot claim more than the paper says
				} else {
					best.Level = s.Level
				}
			}
		}
		if best.Proof != "" {
			out = append(out, best)
		}
	}
	return out
}

// notices are the days before the end of a certificate on which its end is told.
var notices = []int{30, 7, 0}

// dueNotice is the notice to tell for a certificate with so many days left, when
// the smallest told so far is told (-1: none yet); ok is false when nothing is due.
func dueNotice(left int, told int) (notice int, ok bool) {
	for _, n := range slices.Backward(notices) {
		if left <= n && (told < 0 || n < told) {
			return n, true
		}
		if left <= n {
			return 0, false
		}
	}
	return 0, false
}
