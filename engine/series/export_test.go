package series

// FoldAt makes the store fold the tail of a block earlier, for tests with few samples.
func (s *Store) FoldAt(weight int64) { s.foldAt = weight }
