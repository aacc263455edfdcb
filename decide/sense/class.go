package sense

// Class is a kind of risk, or a care signal. The first twelve are the risk
// classes of the hub in the order of its taxonomy.
type Class uint8

// The twelve risk classes; then the care signals, and silent devices.
const (
	Inactivity Class = iota
	Fall
	NightWander
	NotReturned
	NoExit
	Vitals
	SOS
	FireSmoke
	GasCO
	WaterUse
	EbikeLift
	FallingObject
	MissedMeal
	SleepChange
	RoutineChange
	DoorVisitor
	Isolation
	DeviceSilent
	classCount
)

// Group says whom a class concerns.
type Group uint8

// The groups.
const (
	Risk   Group = iota // stage 1 asks the person, stage 2 reaches an operator
	Care                // a note for the visiting list: never a prompt, never an alarm
	Device              // a task for whoever keeps the devices
)

// Info is a row of the taxonomy (domain.md 4.2). Ack, Contact and OnSite are
// limits in minutes, 0 where there is none; Calls are roles in the order they are
// called, joined by + when called together.
type Info struct {
	Slug                 string
	Zh                   string
	Group                Group
	Severity             [2]uint8 // least and greatest, 1 to 5
	Ack, Contact, OnSite float64
	Calls                []string
	Share                float64 // of the budget of false prompts; 0 where the class is passed through or only noted
	Grace                int32   // seconds an unanswered prompt waits before an operator is told
}

var taxonomy = [classCount]Info{
	Inactivity:    {"inactivity", "长时间无活动", Risk, [2]uint8{2, 3}, 1, 5, 30, []string{"elder", "contact", "grid-worker", "120-110"}, 0.42, 300},
	Fall:          {"fall", "跌倒", Risk, [2]uint8{4, 4}, 1, 2, 30, []string{"elder", "contact+responder", "120"}, 0, 30},
	NightWander:   {"night-wander", "夜间徘徊/频繁起夜", Risk, [2]uint8{2, 2}, 5, 15, 60, []string{"contact", "grid-worker", "family-doctor"}, 0.10, 300},
	NotReturned:   {"not-returned", "外出未归/走失", Risk, [2]uint8{3, 3}, 1, 5, 30, []string{"elder", "contact", "grid-worker", "110"}, 0.07, 300},
	NoExit:        {"no-exit", "久未出门", Risk, [2]uint8{2, 2}, 10, 30, 120, []string{"elder", "contact", "visit"}, 0.05, 300},
	Vitals:        {"vitals", "生命体征异常", Risk, [2]uint8{3, 4}, 1, 5, 30, []string{"elder", "contact", "family-doctor", "120"}, 0.20, 300},
	SOS:           {"sos", "主动求助", Risk, [2]uint8{4, 4}, 1, 1, 15, []string{"responder+contact"}, 0, 0},
	FireSmoke:     {"fire-smoke", "烟雾火情", Risk, [2]uint8{5, 5}, 0.5, 1, 5, []string{"household+property", "119"}, 0, 0},
	GasCO:         {"gas-co", "燃气/一氧化碳", Risk, [2]uint8{5, 5}, 0.5, 1, 15, []string{"household", "property", "gas-company", "119"}, 0, 0},
	WaterUse:      {"water-use", "用水异常", Risk, [2]uint8{2, 2}, 10, 30, 120, []string{"contact", "visit", "property"}, 0.03, 300},
	EbikeLift:     {"ebike-lift", "电动自行车进梯/飞线充电", Risk, [2]uint8{3, 3}, 0, 1, 30, []string{"rider", "property", "grid-worker"}, 0, 0},
	FallingObject: {"falling-object", "高空抛物", Risk, [2]uint8{3, 3}, 5, 10, 30, []string{"property", "police"}, 0, 0},
	MissedMeal:    {"missed-meal", "未按时用餐", Care, [2]uint8{1, 1}, 0, 0, 0, nil, 0.15, 0},
	SleepChange:   {"sleep-change", "睡眠改变", Care, [2]uint8{1, 1}, 0, 0, 0, nil, 0.10, 0},
	RoutineChange: {"routine-change", "作息改变", Care, [2]uint8{1, 1}, 0, 0, 0, nil, 0.15, 0},
	DoorVisitor:   {"door-visitor", "异常门户活动", Care, [2]uint8{1, 1}, 0, 0, 0, nil, 0.10, 0},
	Isolation:     {"isolation", "社交减少", Care, [2]uint8{1, 1}, 0, 0, 0, nil, 0.05, 0},
	DeviceSilent:  {"device-silent", "设备失联", Device, [2]uint8{1, 2}, 0, 0, 0, []string{"device-keeper"}, 0, 0},
}

// StayShare is the budget of the bathroom stay, which is a part of inactivity.
const StayShare = 0.13

// Taxonomy gives the rows of the classes of a group, in the order of the classes.
func Taxonomy(g Group) []Info {
	var rows []Info
	for _, row := range taxonomy {
		if row.Group == g {
			rows = append(rows, row)
		}
	}
	return rows
}

// Info is the row of the class; the zero row for a number that is no class.
func (c Class) Info() Info {
	if c < classCount {
		return taxonomy[c]
	}
	return Info{}
}

// String is the slug of the class.
func (c Class) String() string { return c.Info().Slug }

// passes tells whether the class goes to the person and to the operator at once.
func (c Class) passes() bool { return c.Info().Group == Risk && c.Info().Share == 0 && c != Fall }
