package series

import (
	"cmp"
	"slices"
	"time"

	"linli"
	"linli/engine/db"
)

// Append stores samples within tx, in any order of time, and makes the series that
// do not exist yet. A sample that Check refuses, that has another class than its
// series or is about a forgotten person is not stored and reported; the others
// are, so one device cannot hold up a batch. An error means that nothing is stored.
// Of samples of a series with the same millisecond the one appended last stays; of
// two nodes that append at the same moment either may be the last.
func (s *Store) Append(tx db.Tx, samples []Sample) (refused []Refusal, err error) {
	v, err := s.look(tx)
	if err != nil {
		return nil, err
	}
	now := s.now()
	readings := make([]reading, 0, len(samples))
	for i := range samples {
		l, no, err := v.admit(&samples[i], now)
		if err != nil {
			return nil, err
		}
		if no != nil {
			refused = append(refused, Refusal{i, no})
			continue
		}
		readings = append(readings, reading{l, point{samples[i].At.UnixMilli(), samples[i].Value}})
	}
	slices.SortStableFunc(readings, byPlace)
	for len(readings) > 0 {
		block, n := readings[0].line.block(), 1
		for n < len(readings) && readings[n].line.block() == block {
			n++
		}
		if err := v.extend(block, readings[:n]); err != nil {
			return nil, err
		}
		readings = readings[n:]
	}
	tx.AfterCommit(v.share)
	return refused, nil
}

// byPlace is the order of readings in a parcel; those of a line keep theirs.
func byPlace(a, b reading) int {
	if a.line == b.line {
		return 0
	}
	return cmp.Or(cmp.Compare(a.line.block(), b.line.block()), cmp.Compare(a.line.owner, b.line.owner), cmp.Compare(a.line.number, b.line.number))
}

// admit finds or makes the series of a sample, or says why the sample is refused.
func (v *view) admit(s *Sample, now time.Time) (l *line, refused, err error) {
	if err := s.check(now); err != nil {
		return nil, err, nil
	}
	l, known := v.recallLine(s.Key)
	if !known {
		if l, refused, err = v.enroll(s); l == nil {
			return nil, refused, err
		}
	}
	if l.class != s.Class {
		return nil, &linli.Error{Kind: linli.KindConflict, Field: "class", Zh: "该序列已登记为另一数据类别", En: "the series exists with another class"}, nil
	}
	if open, err := v.opens(l); err != nil || !open {
		return nil, errForgotten(), err
	}
	return l, nil, nil
}

// enroll finds the series of a sample in the tables, makes it when it is new, or says
// why not.
func (v *view) enroll(s *Sample) (l *line, refused, err error) {
	if err := s.Key.check(); err != nil {
		return nil, err, nil
	}
	if l, err = v.line(s.Key); l != nil || err != nil {
		return l, nil, err
	}
	if s.Subject != "" && v.store.keys == nil {
		return nil, linli.Invalid("subject", "本系统未配置个人密钥，不能保存个人数据", "there are no keys for persons here; data about persons cannot be kept"), nil
	}
	owner, err := v.subject(s.Subject)
	if err != nil {
		return nil, nil, err
	}
	if owner.gone {
		return nil, errForgotten(), nil
	}
	l, err = v.create(s.Key, s.Class, owner)
	return l, nil, err
}

// The tail of a block is folded when reading it would cost too much: when it has
// tailWeight bytes, where a row counts rowWeight more than it holds.
const (
	tailWeight = 192 << 10
	rowWeight  = 3 << 10
)

// extend adds a row to the tail of a block and folds it when it has become heavy.
func (v *view) extend(block int64, readings []reading) error {
	parcel, err := v.sealParcel(inTail, block, readings)
	if err != nil {
		return err
	}
	if _, err := v.tx.Exec(`INSERT INTO series_tail (block, bytes) VALUES ($1, $2)`, block, parcel); err != nil {
		return err
	}
	// What is counted here and then rolled back only folds a little early.
	s := v.store
	s.mu.Lock()
	if _, known := s.load[block]; !known {
		// Blocks fill at the same pace; they begin apart (by the golden ratio), so that
		// they are not all folded in the same transaction.
		s.load[block] = int64(uint32(block)*2654435769) * s.foldAt >> 32
	}
	s.load[block] += rowWeight + int64(len(parcel))
	heavy := s.load[block] >= s.foldAt
	if heavy {
		s.load[block] = 0
	}
	s.mu.Unlock()
	if !heavy {
		return nil
	}
	return v.fold(block)
}
