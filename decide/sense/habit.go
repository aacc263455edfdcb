package sense

func (r *run) habitSign(e Event, s Sensor, was State) {}
func (r *run) countExit(at int64)                     {}
func (r *run) doorMoved(at int64, was State)          {}
