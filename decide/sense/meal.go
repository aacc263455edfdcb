package sense

// Meals: how long the person, at home, stays without a sign from the kitchen. The
// rhythm's own hours make a missed breakfast visible before a late dinner is.

func (r *run) meals() pace {
	return pace{&r.Meal, r.Pool[poolMeal : poolMeal+1], &r.plan.Cohort.Meal}
}

const mealsApart = hour // signs in the kitchen within it are one meal

// kitchenSign hears the kitchen.
func (r *run) kitchenSign(at int64) {
	r.meals().end(at)
	r.Due[wakeMeal] = at + mealsApart
}

// mealStops: away, nobody knows what is eaten.
func (r *run) mealStops(at int64) {
	r.meals().stop(at)
	r.Due[wakeMeal] = never
}

func (r *run) hungry(at int64) {
	p := r.meals()
	switch {
	case r.unjudged() || r.blind() || r.P.State == Away:
		r.mealStops(at)
	case r.Meal.Now.Since == 0:
		p.begin(at, 0)
		_, tau, _ := p.limit(r.perWeek(MissedMeal))
		r.Due[wakeMeal] = p.due(tau)
	default:
		f := r.rhythmFinding(p, at, r.perWeek(MissedMeal))
		p.alarm(at)
		f.Class, f.Detector, f.Severity = MissedMeal, DetectMeal, 1
		f.Since = p.Now.Since - mealsApart
		f.Why.Observed = float64(at-f.Since) / float64(hour)
		f.Why.Clears = ClearsAnySign
		r.raise(f)
	}
}
