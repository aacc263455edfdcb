package order_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/db/dbtest"
	"linli/service/order"
)

// TestAMillionEndedOrdersSlowNobodyDown fills the history and looks at what daily
// work costs then. It runs with as many rows as LINLI_TEST_ORDERS says, 2,000 by
// default, which still shows a plan that walks the history.
func TestAMillionEndedOrdersSlowNobodyDown(t *testing.T) {
	t.Parallel()
	n, _ := strconv.Atoi(os.Getenv("LINLI_TEST_ORDERS"))
	n = max(n, 2000)
	dbtest.Each(t, func(t *testing.T, d db.DB) {
		h := newHub(t, d, monday)
		for from := 0; from < n; from += 1000 {
			h.write(func(tx db.Tx) error {
				args := make([]any, 0, 1000*13)
				for i := from; i < from+1000; i++ {
					opened := monday.Add(-time.Duration(n-i) * time.Second)
					id := linli.NewID("ord", opened)
					place := fmt.Sprintf("99000100%04d/%03d/e%d/%d", 1000+i%8, i%11, i%5, i%40)
					args = append(args, id, fmt.Sprintf("p%011d", i), "dining", "lunch", "P3", place, "closed", 0, opened.UnixMilli(), opened.UnixMilli(), opened.Add(time.Hour).UnixMilli(),
						fmt.Sprint("wrk_", i%300), fmt.Sprint("org_", i%20))
				}
				_, err := tx.Exec(`INSERT INTO order_order (id, number, item, spec, sla, place, state, live, submitted_at, opened_at, closed_at, worker_id, org_id) VALUES `+db.Values(1000, 13), args...)
				return err
			})
		}
		h.write(func(tx db.Tx) error {
			if d.Dialect() == db.Postgres {
				_, err := tx.Exec(`ANALYZE order_order`)
				return err
			}
			return nil
		})
		for range 20 {
			h.assign(h.open("plumbing", linli.Window{}), "wrk_7")
		}
		desk, grid := h.desk(), h.role("grid", auth.Grant{Role: "dispatcher", Place: "990001001003/003"})
		worker, org := h.sign(newWorker("wrk_7")), h.role("org", auth.Grant{Role: "provider-admin", Org: "org_7"})
		for _, c := range []struct {
			name string
			call func()
		}{
			{"board", func() { h.must(desk, "GET", "/api/v1/order-board", nil, nil) }},
			{"running", func() { h.must(desk, "GET", "/api/v1/orders", nil, nil) }},
			{"running of a grid", func() { h.must(grid, "GET", "/api/v1/orders", nil, nil) }},
			{"ended", func() { h.must(desk, "GET", "/api/v1/orders?state=closed", nil, nil) }},
			{"ended of a grid", func() { h.must(grid, "GET", "/api/v1/orders?state=closed", nil, nil) }},
			{"ended of a building", func() { h.must(desk, "GET", "/api/v1/orders?state=closed&place=990001001003/003/e3/11", nil, nil) }},
			{"ended of a provider", func() { h.must(org, "GET", "/api/v1/orders?state=closed", nil, nil) }},
			{"ended of a worker", func() { h.must(worker, "GET", "/api/v1/orders?state=closed", nil, nil) }},
			{"mine", func() { h.must(worker, "GET", "/api/v1/my/orders", nil, nil) }},
			{"by number", func() { h.must(desk, "GET", "/api/v1/orders?q=260302-", nil, nil) }},
			{"a life", func() {
				id := h.open("plumbing", linli.Window{})
				h.assign(id, "wrk_7")
				h.do(id, order.ActAccept, "")
				h.do(id, order.ActFinish, "")
				h.do(id, order.ActConfirm, "")
			}},
		} {
			c.call() // statements are compiled, pages are read
			began := time.Now()
			c.call()
			t.Logf("%s: %s of %d rows: %v", d.Dialect(), c.name, n, time.Since(began).Round(10*time.Microsecond))
		}
		if d.Dialect() == db.SQLite {
			h.plans()
		}
	})
}

// plans checks that daily work never walks the whole table.
func (h *hub) plans() {
	h.t.Helper()
	for query, index := range map[string]string{
		`SELECT id FROM order_order WHERE live = 1 AND place >= 'a' AND place < 'b' ORDER BY due_at, id LIMIT 51`:                 "order_order_",
		`SELECT state, COUNT(*) FROM order_order WHERE live = 1 AND 1=1 GROUP BY state`:                                           "order_order_",
		`SELECT state, COUNT(*) FROM order_order WHERE live = 0 AND closed_at >= 5 GROUP BY state`:                                "order_order_ended",
		`SELECT id FROM order_order WHERE ((worker_id <> '' AND worker_id IN ('x')) OR (second_id <> '' AND second_id IN ('x')))`: "order_order_second",
	} {
		var plan []string
		h.ok(h.db.Read(h.ctx(), func(tx db.Tx) error {
			rows, err := tx.Query(`EXPLAIN QUERY PLAN ` + query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id, parent, unused int
				var line string
				if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
					return err
				}
				plan = append(plan, line)
			}
			return rows.Err()
		}))
		if text := strings.Join(plan, "; "); !strings.Contains(text, index) {
			h.t.Errorf("%s\n  %s", query, text)
		}
	}
}
