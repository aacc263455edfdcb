package broker

// Sessions counts the sessions whose owner is known.
func Sessions(b *Broker) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.owners)
}

// Subscribers counts who would hear of a topic, a group as often as it has members.
func Subscribers(b *Broker, topic string) int {
	s := b.server.Topics.Subscribers(topic)
	n := len(s.Subscriptions)
	for _, group := range s.Shared {
		n += len(group)
	}
	return n
}
