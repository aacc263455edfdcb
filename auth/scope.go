package auth

import (
	"fmt"
	"slices"
	"strings"

	"linli"
)

// Row says to whom and where a stored row belongs. Fields that do not apply stay empty.
type Row struct {
	Place    linli.Place
	Org      linli.OrgID
	Worker   linli.WorkerID
	Resident linli.ResidentID
	Case     bool // a demand or an order: whoever handles it sees it as their own
}

// Scope is the set of rows a principal reaches with one permission: the union over its grants.
type Scope struct {
	All       bool
	Places    []linli.Place
	Orgs      []linli.OrgID
	Workers   []linli.WorkerID
	Residents []linli.ResidentID
}

// Scope computes the rows the principal reaches with the permission. Without the
// permission, or with grants that reach no rows, it is empty and covers nothing.
func (p *Principal) Scope(perm Permission) Scope {
	if p.System {
		return Scope{All: true}
	}
	var s Scope
	for _, g := range p.Grants {
		if Rules.Grants(g.Role, perm) {
			s = s.add(p, g)
		}
	}
	return s
}

func (s Scope) add(p *Principal, g Grant) Scope {
	switch Rules.Roles[g.Role].Reach {
	case ReachPlace:
		// A grant without a place reaches nothing: an empty prefix would mean everything.
		if g.Place != "" && !slices.Contains(s.Places, g.Place) {
			s.Places = append(s.Places, g.Place)
		}
	case ReachOrg:
		if g.Org != "" && !slices.Contains(s.Orgs, g.Org) {
			s.Orgs = append(s.Orgs, g.Org)
		}
	case ReachOwn:
		if p.Worker != "" && !slices.Contains(s.Workers, p.Worker) {
			s.Workers = append(s.Workers, p.Worker)
		}
		for _, r := range append([]linli.ResidentID{p.Resident}, p.Wards...) {
			if r != "" && !slices.Contains(s.Residents, r) {
				s.Residents = append(s.Residents, r)
			}
		}
	}
	return s
}

// Empty tells whether the scope covers no row at all.
func (s Scope) Empty() bool {
	return !s.All && len(s.Places) == 0 && len(s.Orgs) == 0 && len(s.Workers) == 0 && len(s.Residents) == 0
}

// Covers tells whether the row lies in the scope.
func (s Scope) Covers(r Row) bool {
	return s.All ||
		r.Place != "" && slices.ContainsFunc(s.Places, func(p linli.Place) bool { return p.Contains(r.Place) }) ||
		r.Org != "" && slices.Contains(s.Orgs, r.Org) ||
		r.Worker != "" && slices.Contains(s.Workers, r.Worker) ||
		r.Resident != "" && slices.Contains(s.Residents, r.Resident)
}

// Columns names the columns of a table that say to whom a row belongs; a table
// without such a column leaves the name empty.
type Columns struct{ Place, Org, Worker, Resident string }

// SQL is the same question as Covers for a query: a condition on cols whose
// placeholders start at $next, and its arguments. An empty scope gives "1=0".
func (s Scope) SQL(cols Columns, next int) (cond string, args []any) {
	if s.All {
		return "1=1", nil
	}
	var or []string
	for _, p := range s.Places {
		if cols.Place != "" {
			low, high := p.Range()
			or = append(or, fmt.Sprintf("(%s >= $%d AND %s < $%d)", cols.Place, next, cols.Place, next+1))
			args = append(args, low, high)
			next += 2
		}
	}
	in := func(col string, n int, id func(int) any) {
		if col == "" || n == 0 {
			return
		}
		marks := make([]string, n)
		for i := range marks {
			marks[i] = fmt.Sprintf("$%d", next)
			args = append(args, id(i))
			next++
		}
		or = append(or, col+" IN ("+strings.Join(marks, ",")+")")
	}
	in(cols.Org, len(s.Orgs), func(i int) any { return s.Orgs[i] })
	in(cols.Worker, len(s.Workers), func(i int) any { return s.Workers[i] })
	in(cols.Resident, len(s.Residents), func(i int) any { return s.Residents[i] })
	if len(or) == 0 {
		return "1=0", nil
	}
	return "(" + strings.Join(or, " OR ") + ")", args
}
