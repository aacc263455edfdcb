package sense

// Meals: whether the kitchen was used in the three parts of the day in which
// people eat, while the person is up and at home. Only a meal the person
// practically never misses is missed by us.

// mealHours are the parts of the day, from and to in hours.
var mealHours = [3][2]int64{{6, 10}, {11, 14}, {17, 21}}

const mealRare = 0.015 // share of missed meals up to which a missed one is a finding

type meals struct {
	Used   bool       // the kitchen, in the part that goes on
	Part   int32      // that goes on or comes next
	Left   int64      // when the person left, 0 at home
	Out    int64      // ms away in the part that goes on
	Woke   int64      // last time sleep ended
	Missed [3]float32 // decayed
	Seen   [3]float32 // meals at home, decayed
}

func (m *meals) decay(by float32) {
	for i := range m.Seen {
		m.Missed[i] *= by
		m.Seen[i] *= by
	}
}

func (r *run) kitchenSign(at int64) {
	if h := int64(hourOf(at)); h >= mealHours[r.Meals.Part][0] {
		r.Meals.Used = true
	}
}

// mealReturn counts an absence that is over.
func (r *run) mealReturn(at int64) {
	m := &r.Meals
	if m.Left != 0 {
		begin := dayOf(at)*day + mealHours[m.Part][0]*hour
		m.Out += max(at-max(m.Left, begin), 0)
		m.Left = 0
	}
}

// mealOver is asked at the end of each part.
func (r *run) mealOver(at int64) {
	m := &r.Meals
	part := m.Part
	long := (mealHours[part][1] - mealHours[part][0]) * hour
	left := m.Left
	r.mealReturn(at)
	home := m.Out <= long/3 && r.P.State != Asleep && m.Woke <= at-long/3 && r.Began <= at-long
	used := m.Used
	m.Used, m.Part, m.Out, m.Left = false, (part+1)%3, 0, left
	r.Due[wakeMeal] = at - int64(hourOf(at))*hour + mealHours[m.Part][1]*hour
	if m.Part == 0 {
		r.Due[wakeMeal] += day
	}
	if r.unjudged() || r.blind() || !r.plan.seesKitchen || !home && !used {
		return
	}
	rare := share(m.Missed[part], m.Seen[part], 0.1, 2)
	m.Seen[part]++
	if used {
		return
	}
	m.Missed[part]++
	if rare <= mealRare {
		r.raise(Finding{Class: MissedMeal, Detector: DetectMeal, Severity: 1, At: at, Since: at - long, Why: Why{
			Observed: 1, Unit: UnitCount, P: rare, Limit: mealRare, State: r.P.State, Days: r.Days, Cohort: 2 / (2 + m.Seen[part]),
			Events: r.P.Last, Silent: r.Silent, Clears: ClearsKitchen, Before: at}})
	}
}
