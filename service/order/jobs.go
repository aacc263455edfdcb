package order

import (
	"context"
	"encoding/json"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/engine/job"
)

const (
	jobWeather     = "order.weather"
	settingWeather = "red-weather" // "1" while a red warning holds
	weatherBatch   = 200
)

func (s *Service) bind() {
	s.Timers.Handle(jobClock, s.tick)
	s.Timers.Handle(jobWeather, s.stretch)
}

// tick lets everything happen that is due on one order.
func (s *Service) tick(ctx context.Context, tx db.Tx, j job.Job) error {
	o, err := load(tx, linli.OrderID(j.Key))
	if linli.KindOf(err) == linli.KindNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	k, err := s.clock(ctx, o)
	if err != nil {
		return err
	}
	before := *o
	if err := s.save(tx, k, &before, o, k.settle(o, linli.Millis(s.Now()))); err != nil || o.TimerAt != before.TimerAt {
		return err
	}
	return s.setTimer(tx, o) // nothing was due after all; the job that fired is gone
}

// SetWeather declares or ends red-warning weather. Declaring it stretches the
// limits of running orders whose class allows it, too; ending it shortens nothing
// that was promised meanwhile.
func (s *Service) SetWeather(ctx context.Context, tx db.Tx, red bool) error {
	value := ""
	if red {
		value = "1"
		if err := s.Timers.Set(tx, jobWeather, "stretch", s.Now(), ""); err != nil {
			return err
		}
	}
	if err := setSetting(ctx, tx, settingWeather, value, s.Now()); err != nil {
		return err
	}
	return auth.Audit(tx, s.Now(), auth.From(ctx), auth.Line{Act: "order.weather", Subject: settingWeather, Detail: value})
}

// stretch gives a batch of running orders the longer limits and then itself the rest.
func (s *Service) stretch(ctx context.Context, tx db.Tx, j job.Job) error {
	var after string
	if err := json.Unmarshal(j.Data, &after); err != nil {
		return err
	}
	rows, err := list(tx, selectRow+` WHERE live = 1 AND id > $1 ORDER BY id LIMIT $2`, after, weatherBatch)
	if err != nil {
		return err
	}
	for _, o := range rows {
		k, err := s.clock(ctx, o)
		if err != nil {
			return err
		}
		before, now := *o, linli.Millis(s.Now())
		if !k.Weather || o.Factor == s.clocks.Stretch {
			continue
		}
		lines := k.settle(o, now) // what was late before the storm stays late
		o.Factor = s.clocks.Stretch
		lines = append(lines, o.stretched(now))
		if err := s.save(tx, k, &before, o, lines); err != nil {
			return err
		}
	}
	if len(rows) < weatherBatch {
		return nil
	}
	return s.Timers.Set(tx, jobWeather, "stretch", s.Now().Add(time.Millisecond), rows[len(rows)-1].ID)
}
