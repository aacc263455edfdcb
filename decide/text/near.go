package text

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"
	"unicode"

	"linli"
)

// Entry is one live message in an Index.
type Entry struct {
	ID    string
	Doc   Doc
	Place linli.Place // "" if unknown
	User  string      // any stable name of the writer, "" if unknown
	At    time.Time
}

// Match is a possible duplicate. It is a suggestion: merging is a person's act.
type Match struct {
	ID        string
	Cosine    float64 // 0 to 1, of the texts alone; the same in both directions
	Score     float64 // Cosine, raised by 0.1 each for the same place and the same writer within 30 days; at most 1
	SamePlace bool    // one place is the other or lies in it, from the estate down
	SameUser  bool
	Shared    []Span // passages of the asked message that the match has too; only From, To and Text are set
}

// What an index counts as near. At 0.4 a pair of made variants (reordered,
// words exchanged) is found and two complaints of one kind about different
// places mostly are not.
const (
	defaultLeast = 0.4
	raise        = 0.1
	together     = 30 * 24 * time.Hour
	readRunes    = 300 // of each part of a message: near duplicates agree from the start
	passageRunes = 4
)

// Index finds near duplicates by the cosine of character 2- and 3-grams, each
// weighed by its rarity among the messages. It holds hashes of n-grams, never
// the text. All methods may be called at the same time.
type Index struct {
	least   float64
	mu      sync.RWMutex
	number  map[string]int32
	entries []indexed
	free    []int32 // numbers of removed entries, to be used again
	grams   map[uint32]posting
	lists   [][]int32
	spare   []int32 // empty lists, to be used again
	users   map[string][]int32
	estates map[linli.Place][]int32
	weighed int          // messages when the weights were last taken
	weights [256]float64 // squared inverse document frequency by df, for the small ones
	scratch sync.Pool
}

// indexed is what is kept of an Entry.
type indexed struct {
	id     string
	place  linli.Place
	user   string
	at     time.Time
	grams  []uint32 // ascending, each once
	length float64  // of its vector
}

// posting says which messages have an n-gram. Most stand in one only: at is
// then its number. Otherwise ^at is the place of a list. The weight follows from
// df, the number of messages that had it when the weights were last taken, so
// that lengths stay right while messages come and go.
type posting struct {
	at int32
	df int32
}

// NewIndex makes an empty index that reports matches with a score of at least
// least; 0 gives the default of 0.4.
func NewIndex(least float64) *Index {
	if !(least > 0) {
		least = defaultLeast
	}
	x := &Index{least: min(least, 1), number: map[string]int32{}, grams: map[uint32]posting{}, users: map[string][]int32{}, estates: map[linli.Place][]int32{}}
	x.weigh()
	return x
}

// Len is the number of messages in the index.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.number)
}

// Add puts a message in; the same id again replaces the former one.
func (x *Index) Add(e Entry) {
	in := indexed{id: e.ID, place: e.Place, user: e.User, at: e.At, grams: grams23(e.Doc, nil)}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(e.ID)
	in.length = math.Sqrt(x.mass(in.grams))
	var n int32
	if k := len(x.free); k > 0 {
		n, x.free = x.free[k-1], x.free[:k-1]
		x.entries[n] = in
	} else {
		n = int32(len(x.entries))
		x.entries = append(x.entries, in)
	}
	x.number[e.ID] = n
	if e.User != "" {
		x.users[e.User] = append(x.users[e.User], n)
	}
	if p := estate(e.Place); p != "" {
		x.estates[p] = append(x.estates[p], n)
	}
	for _, g := range in.grams {
		x.post(g, n)
	}
	if len(x.number) >= 2*x.weighed+32 {
		x.weigh()
	}
}

func (x *Index) post(g uint32, n int32) {
	p, ok := x.grams[g]
	switch {
	case !ok:
		p.at = n
	case p.at < 0:
		x.lists[^p.at] = append(x.lists[^p.at], n)
		return
	default:
		k := int32(len(x.lists))
		if s := len(x.spare); s > 0 {
			k, x.spare = x.spare[s-1], x.spare[:s-1]
			x.lists[k] = append(x.lists[k], p.at, n)
		} else {
			x.lists = append(x.lists, []int32{p.at, n})
		}
		p.at = ^k
	}
	x.grams[g] = p
}

func (x *Index) unpost(g uint32, n int32) {
	p := x.grams[g]
	if p.at >= 0 {
		delete(x.grams, g) // its df with it: a word that is gone is rare again
		return
	}
	k := ^p.at
	if x.lists[k] = without(x.lists[k], n); len(x.lists[k]) == 1 {
		p.at = x.lists[k][0]
		x.grams[g] = p
		x.lists[k] = x.lists[k][:0]
		x.spare = append(x.spare, k)
	}
}

// without takes n out of a list whose order does not matter.
func without(list []int32, n int32) []int32 {
	i := slices.Index(list, n)
	list[i] = list[len(list)-1]
	return list[:len(list)-1]
}

// Remove takes a message out and tells whether it was there.
func (x *Index) Remove(id string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.remove(id)
}

func (x *Index) remove(id string) bool {
	n, ok := x.number[id]
	if !ok {
		return false
	}
	e := x.entries[n]
	for _, g := range e.grams {
		x.unpost(g, n)
	}
	if e.user != "" {
		if x.users[e.user] = without(x.users[e.user], n); len(x.users[e.user]) == 0 {
			delete(x.users, e.user)
		}
	}
	if p := estate(e.place); p != "" {
		if x.estates[p] = without(x.estates[p], n); len(x.estates[p]) == 0 {
			delete(x.estates, p)
		}
	}
	delete(x.number, id)
	x.entries[n] = indexed{}
	x.free = append(x.free, n)
	if 2*len(x.number)+32 < x.weighed {
		x.weigh()
	}
	return true
}

// weigh takes the weights anew. It happens whenever the index has doubled or
// halved, so its cost is spread over the messages in between.
func (x *Index) weigh() {
	x.weighed = len(x.number)
	for df := range x.weights {
		x.weights[df] = rarity(df, x.weighed)
	}
	for g, p := range x.grams {
		p.df = int32(len(x.having(p, new([1]int32))))
		x.grams[g] = p
	}
	for i, e := range x.entries {
		x.entries[i].length = math.Sqrt(x.mass(e.grams))
	}
}

// having lists the messages of a posting; single is the storage for one.
func (x *Index) having(p posting, single *[1]int32) []int32 {
	if p.at < 0 {
		return x.lists[^p.at]
	}
	single[0] = p.at
	return single[:]
}

// rarity is the squared inverse document frequency of an n-gram in df of n messages.
func rarity(df, n int) float64 {
	idf := math.Log(1 + float64(n+1)/float64(df+1))
	return idf * idf
}

func (x *Index) weight(df int32) float64 {
	if int(df) < len(x.weights) {
		return x.weights[df]
	}
	return rarity(int(df), x.weighed)
}

// mass is the squared length of the vector of these n-grams.
func (x *Index) mass(grams []uint32) float64 {
	sum := 0.0
	for _, g := range grams {
		sum += x.weight(x.grams[g].df)
	}
	return sum
}

// term is an n-gram of a query.
type term struct {
	gram   uint32
	found  bool
	at     posting
	weight float64 // squared inverse document frequency
}

// terms looks the n-grams of a query up; mass is the squared length of its vector.
func (x *Index) terms(d Doc) (ts []term, mass float64) {
	grams := grams23(d, nil)
	ts = make([]term, len(grams))
	for i, g := range grams {
		p, ok := x.grams[g]
		ts[i] = term{g, ok, p, x.weight(p.df)}
		mass += ts[i].weight
	}
	return ts, mass
}

// query is the working memory of one Near.
type query struct {
	sums    []float32 // per entry, zero outside a query
	touched []int32
}

// Near lists at most limit matches for e, the best first; e itself (by id) is
// never among them. e need not be in the index.
//
// Nothing is missed: a message of another writer and place must share an n-gram
// with the rarest part of e, since the common rest alone cannot make the cosine
// (prefix filtering, Bayardo et al., WWW 2007); those of the same writer or
// estate are all compared.
func (x *Index) Near(e Entry, limit int) []Match {
	x.mu.RLock()
	defer x.mu.RUnlock()
	ts, mass := x.terms(e.Doc)
	if len(ts) == 0 || limit <= 0 {
		return nil
	}
	length := math.Sqrt(mass)

	q, _ := x.scratch.Get().(*query)
	if q == nil {
		q = &query{}
	}
	defer x.scratch.Put(q)
	if len(q.sums) < len(x.entries) {
		q.sums = make([]float32, len(x.entries)+len(x.entries)/4+16)
	}
	rest := x.gather(q, ts, mass)

	var out []Match
	self, known := x.number[e.ID]
	consider := func(n int32, enough bool) {
		o := &x.entries[n]
		if known && n == self {
			return
		}
		m := Match{ID: o.id}
		if !e.At.Before(o.at.Add(-together)) && !e.At.After(o.at.Add(together)) {
			m.SamePlace = samePlace(e.Place, o.place)
			m.SameUser = e.User != "" && e.User == o.user
		}
		if m.SamePlace {
			m.Score += raise
		}
		if m.SameUser {
			m.Score += raise
		}
		if m.Score == 0 && !enough {
			return
		}
		m.Cosine = cosine(ts, length, o)
		if m.Score = min(1, m.Score+m.Cosine); m.Score >= x.least && m.Cosine > 0 {
			out = append(out, m)
		}
	}
	for _, n := range q.touched {
		// What was not gathered adds at most the length of the rest.
		o := &x.entries[n]
		consider(n, float64(q.sums[n])*1.0001+math.Sqrt(rest)*o.length >= x.least*length*o.length)
	}
	for _, list := range [][]int32{x.users[e.User], x.estates[estate(e.Place)]} {
		for _, n := range list {
			if q.sums[n] == 0 {
				q.sums[n] = -1 // looked at
				q.touched = append(q.touched, n)
				consider(n, false)
			}
		}
	}
	for _, n := range q.touched {
		q.sums[n] = 0
	}
	q.touched = q.touched[:0]

	slices.SortFunc(out, func(a, b Match) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID)) })
	out = out[:min(limit, len(out))]
	for i := range out {
		out[i].Shared = shared(e.Doc, x.entries[x.number[out[i].ID]].grams)
	}
	return out
}

// gather sums, per message, the mass it shares with the rarest n-grams of a
// query, and returns the mass of the n-grams it left out: too little for a match.
func (x *Index) gather(q *query, ts []term, mass float64) (rest float64) {
	rarest := slices.Clone(ts)
	slices.SortFunc(rarest, func(a, b term) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.gram, b.gram))
	})
	rest = mass
	var single [1]int32
	for _, t := range rarest {
		// Half of what suffices: the sums then tell most of the others apart.
		if rest <= 0.5*x.least*x.least*mass {
			break
		}
		rest -= t.weight
		if !t.found {
			continue
		}
		for _, n := range x.having(t.at, &single) {
			if q.sums[n] == 0 {
				q.touched = append(q.touched, n)
			}
			q.sums[n] += float32(t.weight)
		}
	}
	return max(0, rest)
}

// cosine of a query and a message. The sum runs in the order of the n-grams, so
// it is the same in both directions.
func cosine(ts []term, length float64, o *indexed) float64 {
	sum, j := 0.0, 0
	for _, t := range ts {
		for j < len(o.grams) && o.grams[j] < t.gram {
			j++
		}
		if j == len(o.grams) {
			break
		}
		if o.grams[j] == t.gram {
			sum += t.weight
		}
	}
	if sum == 0 {
		return 0
	}
	return min(1, sum/(length*o.length))
}

// estate is the part of a place that makes two messages neighbors, "" above it.
func estate(p linli.Place) linli.Place {
	if p.Depth() < linli.DepthEstate {
		return ""
	}
	return p.At(linli.DepthEstate)
}

// samePlace tells whether one place is the other or lies in it; places above
// the estate are too large to mean anything.
func samePlace(a, b linli.Place) bool {
	return a.Depth() >= linli.DepthEstate && b.Depth() >= linli.DepthEstate && (a.Contains(b) || b.Contains(a))
}

// grams23 are the hashes of the character pairs and triples of a message,
// ascending, each once. Punctuation does not count. visit, if given, is called
// for each with its part (0 title, 1 body) and the runes of the part it covers.
func grams23(d Doc, visit func(g uint32, part, from, to int)) []uint32 {
	var out []uint32
	for part, s := range []string{d.Title, d.Body} {
		rs, pos := fold(s, visit != nil)
		k := 0
		for i, r := range rs {
			if isHan(r) || unicode.IsLetter(r) || unicode.IsNumber(r) {
				rs[k] = r
				if visit != nil {
					pos[k] = pos[i]
				}
				if k++; k == readRunes {
					break
				}
			}
		}
		rs = rs[:k]
		for n := 2; n <= 3; n++ {
			for i := 0; i+n <= len(rs); i++ {
				h := hashRunes(rs[i : i+n])
				g := uint32(h ^ h>>32)
				out = append(out, g)
				if visit != nil {
					visit(g, part, int(pos[i]), int(pos[i+n-1])+1)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shared finds the passages of d made of n-grams that are among the others.
func shared(d Doc, others []uint32) []Span {
	rs := []rune(d.Text())
	shift := 0
	if d.Title != "" && d.Body != "" {
		shift = len([]rune(d.Title)) + 1
	}
	cover := make([]bool, len(rs)+1)
	grams23(d, func(g uint32, part, from, to int) {
		if _, ok := slices.BinarySearch(others, g); ok {
			for i := from; i < to; i++ {
				cover[i+part*shift] = true
			}
		}
	})
	var out []Span
	for i := 0; i < len(rs); i++ {
		if !cover[i] {
			continue
		}
		from := i
		for i < len(rs) && cover[i] {
			i++
		}
		if i-from >= passageRunes {
			out = append(out, Span{From: from, To: i, Text: string(rs[from:i])})
		}
	}
	return out
}
