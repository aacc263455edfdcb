package flow_test

import (
	"testing"
	"time"

	"linli"
)

// What was agreed to come every week is the resident's to see: each visit stands in
// their own list, who comes and every change of it is told, and a visit they do not
// want is taken back without ending the rest.
func TestARecurringVisitIsTheResidentsToSeeAndToTakeBack(t *testing.T) {
	t.Parallel()
	eachHome(t, func(t *testing.T, h home) {
		u := h.start(t, newClock(monday))
		w := found(u)
		asker := w.community[north].residents[0]
		hears, desk := asker.phone.watch(), w.desk.watch()
		post[object](w.desk, "/api/v1/visit-series", object{"resident": asker.ID, "spec": "cleaning", "every": object{"n": 3, "unit": "day"}, "words": "隔两天打扫一次"})
		u.settle()

		mine := get[list[demand]](asker.phone, "/api/v1/demands").Items
		if len(mine) != 2 { // of the next six days, whose shifts are known
			t.Fatalf("the resident sees %+v", mine)
		}
		for _, d := range mine {
			if d.Source != "series" || d.State != "ordered" || d.Spec != "cleaning" || d.Resident != asker.ID || d.Order == "" || d.WishFrom == nil || !d.WishFrom.After(monday) {
				t.Errorf("one visit is %+v", d)
			}
			desk.wait(t, "somebody comes", func(e event) bool { return e.Kind == "order.assigned" && e.Data.Order == d.Order })
			hears.wait(t, "told who comes", func(e event) bool {
				return e.Kind == "demand.progress" && e.Data.Demand == d.ID && e.Data.What == "assigned"
			})
		}
		soon, later := mine[0], mine[1]
		if later.WishFrom.Before(*soon.WishFrom) {
			soon, later = later, soon
		}
		post[object](asker.phone, "/api/v1/demands/"+string(soon.ID)+"/withdraw", object{"note": "这天不在家"})
		u.settle()
		if o := w.order(soon.Order); o.State != "canceled" {
			t.Errorf("what was taken back is %s", o.State)
		}
		if o := w.order(later.Order); o.State != "assigned" {
			t.Errorf("the next visit is %s", o.State)
		}
		u.pass(24 * time.Hour)
		opened := map[linli.OrderID]bool{}
		for _, d := range get[list[demand]](asker.phone, "/api/v1/demands").Items {
			if d.State == "ordered" {
				opened[d.Order] = true
			}
		}
		if !opened[later.Order] || opened[soon.Order] {
			t.Errorf("a day later there are %v", opened)
		}
	})
}
