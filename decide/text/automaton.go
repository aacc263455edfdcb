package text

// automaton finds many words in one pass over a text (Aho & Corasick, CACM 1975).
type automaton struct {
	next map[edge]int32 // the trie
	fail []int32        // longest proper suffix of a node that is a node too
	word []int32        // word that ends at a node, or -1
	link []int32        // nearest node on the fail path where a word ends, or 0
	size []int32        // runes per word
}

type edge struct {
	node int32
	r    rune
}

// newAutomaton numbers the words by their place in the list. Empty words are
// never found; of two equal words the first is.
func newAutomaton(words [][]rune) *automaton {
	a := &automaton{next: map[edge]int32{}, fail: []int32{0}, word: []int32{-1}, link: []int32{0}}
	type grown struct {
		edge
		to int32
	}
	var edges []grown // parents before children
	for i, w := range words {
		a.size = append(a.size, int32(len(w)))
		node := int32(0)
		for _, r := range w {
			e := edge{node, r}
			to, ok := a.next[e]
			if !ok {
				to = int32(len(a.fail))
				a.next[e] = to
				a.fail = append(a.fail, 0)
				a.word = append(a.word, -1)
				a.link = append(a.link, 0)
				edges = append(edges, grown{e, to})
			}
			node = to
		}
		if node != 0 && a.word[node] < 0 {
			a.word[node] = int32(i)
		}
	}
	// Fail links need breadth first; sort the edges by depth, keeping their order.
	depth := make([]int32, len(a.fail))
	var levels [][]grown
	for _, e := range edges {
		d := depth[e.node]
		depth[e.to] = d + 1
		if int(d) == len(levels) {
			levels = append(levels, nil)
		}
		levels[d] = append(levels[d], e)
	}
	for d, level := range levels {
		for _, e := range level {
			if d > 0 {
				a.fail[e.to] = a.step(a.fail[e.node], e.r)
			}
			f := a.fail[e.to]
			if a.word[f] >= 0 {
				a.link[e.to] = f
			} else {
				a.link[e.to] = a.link[f]
			}
		}
	}
	return a
}

// step follows one rune, falling back to shorter suffixes.
func (a *automaton) step(node int32, r rune) int32 {
	for {
		if to, ok := a.next[edge{node, r}]; ok {
			return to
		}
		if node == 0 {
			return 0
		}
		node = a.fail[node]
	}
}

// find calls f for every occurrence of every word, in the order of their ends.
func (a *automaton) find(text []rune, f func(word, from, to int)) {
	node := int32(0)
	for i, r := range text {
		node = a.step(node, r)
		n := node
		if a.word[n] < 0 {
			n = a.link[n]
		}
		for ; n != 0; n = a.link[n] {
			w := a.word[n]
			f(int(w), i+1-int(a.size[w]), i+1)
		}
	}
}
