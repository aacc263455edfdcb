package series

import (
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/binary"
	"errors"
	"maps"
	"sync"

	"linli"
	"linli/engine/db"
)

// blockLines is how many lines, by number, share the rows of the tail and a page
// of last values.
const blockLines = 2048

// line is a series as the tables know it. It never changes.
type line struct {
	number int64
	owner  int64 // number of the subject; 0 for nobody
	class  Class
	key    Key
}

func (l *line) block() int64 { return l.number / blockLines }

// subject is an owner of lines.
type subject struct {
	number int64 // 0 when there is none
	gone   bool  // was forgotten
}

// directory holds lines, owners and their keys as they are in one generation. What
// it holds stays true until the generation ends; it need not hold everything.
type directory struct {
	generation int64

	mu       sync.RWMutex
	lines    map[Key]*line
	numbers  map[int64]*line
	subjects map[string]subject
	names    map[int64]string
	seals    map[int64]cipher.AEAD // nil when the key is gone
}

func newDirectory(generation int64) *directory {
	return &directory{generation: generation, lines: map[Key]*line{}, numbers: map[int64]*line{},
		subjects: map[string]subject{}, names: map[int64]string{}, seals: map[int64]cipher.AEAD{}}
}

func (d *directory) add(l *line) { d.lines[l.key], d.numbers[l.number] = l, l }

// recall looks into one of the maps of the directories of a view.
func recall[K comparable, V any](v *view, key K, of func(*directory) map[K]V) (V, bool) {
	v.base.mu.RLock()
	x, ok := of(v.base)[key]
	v.base.mu.RUnlock()
	if !ok {
		x, ok = of(v.own)[key]
	}
	return x, ok
}

// view is the directory as one transaction sees it: what everybody knows of its
// generation, and what it found or made itself.
type view struct {
	store     *Store
	tx        db.Tx
	base, own *directory
}

// look begins a view.
func (s *Store) look(tx db.Tx) (*view, error) {
	var generation int64
	if err := tx.QueryRow(`SELECT generation FROM series_state WHERE id = 1`).Scan(&generation); err != nil {
		return nil, err
	}
	s.mu.Lock()
	base := s.known
	s.mu.Unlock()
	if base.generation != generation {
		base = newDirectory(generation)
	}
	return &view{store: s, tx: tx, base: base, own: newDirectory(generation)}, nil
}

// share lets everybody know what the view found, once that is committed.
func (v *view) share() {
	s := v.store
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.known.generation < v.own.generation:
		s.known = v.own
	case s.known.generation == v.own.generation:
		d := s.known
		d.mu.Lock()
		maps.Copy(d.lines, v.own.lines)
		maps.Copy(d.numbers, v.own.numbers)
		maps.Copy(d.subjects, v.own.subjects)
		maps.Copy(d.names, v.own.names)
		maps.Copy(d.seals, v.own.seals)
		d.mu.Unlock()
	}
}

func (v *view) recallLine(k Key) (*line, bool) {
	return recall(v, k, func(d *directory) map[Key]*line { return d.lines })
}

// line finds a series; nil when it does not exist or its subject was forgotten.
func (v *view) line(k Key) (*line, error) {
	if l, ok := v.recallLine(k); ok {
		return l, nil
	}
	owner, err := v.subject(k.Subject)
	if err != nil || k.Subject != "" && (owner.number == 0 || owner.gone) {
		return nil, err
	}
	l := &line{owner: owner.number, key: k}
	err = v.tx.QueryRow(`SELECT number, class FROM series_line WHERE source = $1 AND metric = $2 AND subject = $3`,
		k.Source, k.Metric, owner.number).Scan(&l.number, &l.class)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v.own.add(l)
	return l, nil
}

// create makes a series that does not exist, and its owner when unknown.
func (v *view) create(k Key, class Class, owner subject) (_ *line, err error) {
	if k.Subject != "" && owner.number == 0 {
		if owner.number, err = v.adopt(k.Subject); err != nil {
			return nil, err
		}
	}
	l := &line{owner: owner.number, class: class, key: k}
	if err := v.tx.QueryRow(`INSERT INTO series_line (source, metric, subject, class, due) VALUES ($1, $2, $3, $4, $5) RETURNING number`,
		k.Source, k.Metric, owner.number, class, linli.Millis(v.store.now().Add(retainEvery))).Scan(&l.number); err != nil {
		return nil, err
	}
	v.own.add(l)
	return l, nil
}

// subject finds the number of a person; 0 when the store never heard of the person.
func (v *view) subject(name string) (p subject, err error) {
	if name == "" {
		return p, nil
	}
	if p, ok := recall(v, name, func(d *directory) map[string]subject { return d.subjects }); ok {
		return p, nil
	}
	err = v.tx.QueryRow(`SELECT number, forgotten_at IS NOT NULL FROM series_subject WHERE subject = $1`, name).Scan(&p.number, &p.gone)
	if errors.Is(err, sql.ErrNoRows) {
		return subject{}, nil
	}
	if err != nil {
		return p, err
	}
	if !p.gone { // a restored backup may not know yet that the person was forgotten
		v.own.names[p.number] = name
		seal, err := v.sealer(p.number)
		if err != nil {
			return p, err
		}
		p.gone = seal == nil
	}
	v.own.subjects[name] = p
	return p, nil
}

// adopt gives a person a number and a key.
func (v *view) adopt(name string) (number int64, err error) {
	raw, err := v.store.keys.Key(v.tx, name, true)
	if err != nil {
		return 0, err
	}
	seal, err := newSealer(raw)
	if err != nil {
		return 0, err
	}
	if err := v.tx.QueryRow(`INSERT INTO series_subject (subject) VALUES ($1) RETURNING number`, name).Scan(&number); err != nil {
		return 0, err
	}
	v.own.subjects[name], v.own.names[number], v.own.seals[number] = subject{number: number}, name, seal
	return number, nil
}

// all reads the lines that a clause selects, without the keys of their owners.
func (v *view) all(clause string, args ...any) ([]*line, error) {
	lines, err := db.Rows(v.tx, func(rows *sql.Rows) (*line, error) {
		l := &line{}
		err := rows.Scan(&l.number, &l.key.Source, &l.key.Metric, &l.owner, &l.class, &l.key.Subject)
		return l, err
	}, `SELECT l.number, l.source, l.metric, l.subject, l.class, COALESCE(s.subject, '')
		FROM series_line AS l LEFT JOIN series_subject AS s ON s.number = l.subject `+clause, args...)
	for _, l := range lines {
		v.own.add(l)
		if l.owner != 0 {
			v.own.names[l.owner] = l.key.Subject
		}
	}
	return lines, err
}

// members gives the lines of a block that the numbers name, nil for those that do
// not exist any more.
func (v *view) members(block int64, offsets []int64) ([]*line, error) {
	out := make([]*line, len(offsets))
	asked := false
	for i, offset := range offsets {
		number := block*blockLines + offset
		l, ok := recall(v, number, func(d *directory) map[int64]*line { return d.numbers })
		if !ok && !asked {
			asked = true
			if _, err := v.all(`WHERE l.number >= $1 AND l.number < $2`, block*blockLines, (block+1)*blockLines); err != nil {
				return nil, err
			}
			l = v.own.numbers[number]
		}
		out[i] = l
	}
	return out, nil
}

// sealer gives what seals the samples of an owner, nil when the key is gone.
func (v *view) sealer(owner int64) (cipher.AEAD, error) {
	if seal, ok := recall(v, owner, func(d *directory) map[int64]cipher.AEAD { return d.seals }); ok {
		return seal, nil
	}
	name, ok := recall(v, owner, func(d *directory) map[int64]string { return d.names })
	if !ok {
		err := v.tx.QueryRow(`SELECT subject FROM series_subject WHERE number = $1 AND forgotten_at IS NULL`, owner).Scan(&name)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	var seal cipher.AEAD
	if name != "" && v.store.keys != nil {
		raw, err := v.store.keys.Key(v.tx, name, false)
		if err == nil {
			seal, err = newSealer(raw)
		}
		if err != nil && linli.KindOf(err) != linli.KindNotFound {
			return nil, err
		}
		v.own.names[owner] = name
	}
	v.own.seals[owner] = seal
	return seal, nil
}

// opens tells whether the samples of a line can be read: the key of its owner may
// have gone without the store being told, or the store have come out of a backup.
func (v *view) opens(l *line) (bool, error) {
	if l.owner == 0 {
		return true, nil
	}
	seal, err := v.sealer(l.owner)
	return seal != nil, err
}

func newSealer(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, linli.Internal(errors.New("series: the key of a person must have 32 bytes"))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, linli.Internal(err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// The purposes of sealed bytes.
const (
	inTail  = 't'
	inLast  = 'l'
	inOpen  = 'o'
	inChunk = 'c'
)

// place names where sealed bytes lie, which ties them to it: the purpose, then the
// block or the line, stream and beginning.
func place(purpose byte, where ...int64) []byte {
	out := make([]byte, 0, 32)
	out = append(out, purpose)
	for _, n := range where {
		out = binary.BigEndian.AppendUint64(out, uint64(n))
	}
	return out
}

// seal appends to dst what is sealed under the key of the owner for its place; what
// is nobody's stays as it is.
func (v *view) seal(dst []byte, owner int64, place, plain []byte) ([]byte, error) {
	if owner == 0 {
		return append(dst, plain...), nil
	}
	seal, err := v.sealer(owner)
	if err != nil {
		return nil, err
	}
	if seal == nil {
		return nil, errForgotten()
	}
	return seal.Seal(dst, nil, plain, place), nil
}

// open is the reverse of seal; not ok when the key is gone.
func (v *view) open(dst []byte, owner int64, place, sealed []byte) (plain []byte, ok bool, err error) {
	if owner == 0 {
		return append(dst, sealed...), true, nil
	}
	seal, err := v.sealer(owner)
	if err != nil || seal == nil {
		return dst, false, err
	}
	plain, err = seal.Open(dst, nil, sealed, place)
	if err != nil {
		return nil, false, linli.Internal(errors.Join(errors.New("series: sealed samples cannot be opened"), err))
	}
	return plain, true, nil
}

func errForgotten() error {
	return linli.Forbidden("此人的数据已被遗忘，不再接收", "this person was forgotten; no more data is taken")
}
