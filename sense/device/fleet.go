package device

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// Fleet is the health of the devices within the asker's reach.
type Fleet struct {
	Kinds       []KindHealth `json:"kinds" nullable:"false"`
	Outages     []OutageView `json:"outages" nullable:"false" doc:"buildings that are dark now"`
	Erasures    int          `json:"erasures_open" doc:"withdrawn consents whose data is still to be erased"`
	ErasureDue  string       `json:"erasure_due,omitempty" doc:"the first day on which one of them must be done"`
	ListensFrom time.Time    `json:"listens_since,omitzero" doc:"silence is known only from then on"`
}

// KindHealth counts the devices of a kind.
type KindHealth struct {
	Kind      string `json:"kind"`
	New       int    `json:"new"`
	Claimed   int    `json:"claimed"`
	Active    int    `json:"active"`
	Suspended int    `json:"suspended"`
	Retired   int    `json:"retired"`
	Silent    int    `json:"silent" doc:"active and not heard"`
	Battery   int    `json:"battery_low" doc:"below 20 percent"`
	Due       int    `json:"calibration_overdue"`
	Refused   int    `json:"refusing" doc:"of which something could not be taken in the last day"`
}

// OutageView is a building of which most devices fell silent at once.
type OutageView struct {
	ID      string      `json:"id"`
	Place   linli.Place `json:"place"`
	Devices int         `json:"devices"`
	Since   time.Time   `json:"since"`
}

func scanOutage(rows *sql.Rows) (o OutageView, err error) {
	var at int64
	err = rows.Scan(&o.ID, &o.Place, &o.Devices, &at)
	o.Since = linli.Time(at)
	return o, err
}

// lowBattery is the charge, in percent, below which a device needs a visit.
const lowBattery = 20

// fleet counts the devices within a scope.
func (s *Service) fleet(ctx context.Context, scope auth.Scope) (out Fleet, err error) {
	now := s.Now()
	err = s.DB.Read(ctx, func(tx db.Tx) error {
		out = Fleet{Kinds: []KindHealth{}}
		var w db.Where
		w.Put(scope.SQL(auth.Columns{Place: "d.place", Resident: "d.subject"}, w.Next()))
		where := w.String()
		count := func(cond string) string { return ", SUM(CASE WHEN " + cond + " THEN 1 ELSE 0 END)" }
		states := ""
		for _, st := range []State{Fresh, Claimed, Active, Suspended, Retired} {
			states += count("d.state = '" + string(st) + "'")
		}
		serving := "d.state IN ('claimed','active') AND "
		query := `SELECT d.kind` + states + count("d.state = 'active' AND s.silent_at > 0") + count(serving+"s.battery >= 0 AND s.battery < "+strconv.Itoa(lowBattery)) +
			count(serving+"d.calibration <> '' AND d.calibration < "+w.Arg(s.today())) + count("s.refused_at > "+w.Arg(linli.Millis(now.Add(-24*time.Hour)))) +
			` FROM device_device d JOIN device_seen s ON s.device_id = d.id WHERE ` + where + ` GROUP BY d.kind ORDER BY d.kind`
		if out.Kinds, err = db.Rows(tx, func(rows *sql.Rows) (k KindHealth, err error) {
			return k, rows.Scan(&k.Kind, &k.New, &k.Claimed, &k.Active, &k.Suspended, &k.Retired, &k.Silent, &k.Battery, &k.Due, &k.Refused)
		}, query, w.Args()...); err != nil {
			return err
		}
		slices.SortFunc(out.Kinds, func(a, b KindHealth) int { return strings.Compare(a.Kind, b.Kind) })
		var o db.Where
		o.Put(scope.SQL(auth.Columns{Place: "place"}, o.Next()))
		if out.Outages, err = db.Rows(tx, scanOutage, `SELECT id, place, devices, at FROM device_outage WHERE over_at = 0 AND `+o.String()+` ORDER BY at, id LIMIT 200`, o.Args()...); err != nil {
			return err
		}
		var e db.Where
		e.Put(scope.SQL(auth.Columns{Place: "place", Resident: "resident"}, e.Next()))
		if err := tx.QueryRow(`SELECT COUNT(*), COALESCE(MIN(due), '') FROM device_erasure WHERE done_at = 0 AND `+e.String(), e.Args()...).Scan(&out.Erasures, &out.ErasureDue); err != nil {
			return err
		}
		var since int64
		err := tx.QueryRow(`SELECT since FROM device_watch WHERE id = 1`).Scan(&since)
		out.ListensFrom = linli.Time(since)
		return err
	})
	return out, err
}
