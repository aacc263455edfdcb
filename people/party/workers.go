package party

import (
	"context"
	"sync"
	"time"

	"linli"
	"linli/engine/db"
)

// snapshot keeps all workers in memory: planning asks for them with every order.
type snapshot struct {
	mu      sync.Mutex
	version int64     // of party_version when the files were read
	checked time.Time // by the machine's clock: it only bounds staleness
	files   []file
	minute  time.Time // the moment the workers were laid out for
	workers []linli.Worker
}

// stale is how long a node may answer without asking whether another node changed something.
const stale = time.Second

// Workers lists everybody who has not left, with the skills that are proved and
// the shifts of the coming week as of the minute of at. The answer is shared:
// callers must not change it. A change is seen at once on this node and within a
// second on others.
func (s *Service) Workers(ctx context.Context, at time.Time) ([]linli.Worker, error) {
	m := &s.memo
	m.mu.Lock()
	defer m.mu.Unlock()
	minute := at.Truncate(time.Minute)
	if time.Since(m.checked) > stale {
		if err := s.reload(ctx, minute); err != nil {
			return nil, err
		}
	}
	if m.workers == nil || !m.minute.Equal(minute) {
		workers, err := layOut(m.files, minute)
		if err != nil {
			return nil, err
		}
		m.workers, m.minute = workers, minute
	}
	return m.workers, nil
}

// reload reads the files again when their version has moved on. Absences and days
// are read a day back, so that the files serve every later moment.
func (s *Service) reload(ctx context.Context, at time.Time) error {
	m := &s.memo
	asked := time.Now()
	err := s.db.Read(ctx, func(tx db.Tx) error {
		var version int64
		if err := tx.QueryRow(`SELECT n FROM party_version WHERE topic = 'worker'`).Scan(&version); err != nil {
			return err
		}
		if version == m.version && m.files != nil && !at.Before(m.minute.Add(-24*time.Hour)) {
			return nil
		}
		var w db.Where
		w.And("w.state <> ?", Left)
		read, err := files(tx, s.db.Dialect(), at.Add(-24*time.Hour), w, " ORDER BY w.id")
		if err != nil {
			return err
		}
		m.files, m.version, m.workers = read, version, nil
		return nil
	})
	if err == nil {
		m.checked = asked
	}
	return err
}

func layOut(read []file, at time.Time) ([]linli.Worker, error) {
	out := make([]linli.Worker, len(read))
	for i := range read {
		f := &read[i]
		p, err := f.plan()
		if err != nil {
			return nil, err
		}
		out[i] = linli.Worker{
			ID: f.ID, Org: f.Org, Name: f.Name, Actor: f.Actor, Place: f.Place, At: f.At, Profile: f.Profile,
			Skills: held(f.Skills, f.Certificates), Shifts: p.shifts(at, at.Add(horizon)),
			MaxLoad: time.Duration(f.MaxLoad) * time.Minute, Active: f.State == Active && f.orgState == Active, Rev: f.Rev,
		}
	}
	return out, nil
}

// changed tells the world within tx that a worker changed.
func (s *Service) changed(tx db.Tx, id linli.WorkerID) error {
	now := s.now()
	f, err := fileOf(tx, s.db.Dialect(), now, id)
	if err != nil {
		return err
	}
	if err := s.bump(tx); err != nil {
		return err
	}
	return s.bus.Publish(tx, f.event(now))
}

// bump counts a change; this node looks at once, others within a second.
func (s *Service) bump(tx db.Tx) error {
	tx.AfterCommit(func() {
		s.memo.mu.Lock()
		s.memo.checked = time.Time{}
		s.memo.mu.Unlock()
	})
	_, err := tx.Exec(`UPDATE party_version SET n = n + 1 WHERE topic = 'worker'`)
	return err
}
