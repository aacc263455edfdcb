package main

import (
	"encoding/json"
	"regexp"
	"strings"

	"linli/cmd/linlibench/bench"
	"linli/decide/sense"
)

// readRoles reads a JSON object sensor -> role: motion, use, seat, bed,
// outer-door, each optionally followed by @room, or ignore.
func readRoles(r *bench.Report, path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	data, err := r.Read(path)
	if err != nil {
		return nil, err
	}
	roles := map[string]string{}
	if err := json.Unmarshal(data, &roles); err != nil {
		return nil, bench.Malformed(path, 0, "roles", "角色文件应为 JSON 对象：传感器 → 角色", "the roles are a JSON object of sensor to role: "+err.Error())
	}
	return roles, nil
}

var roleNames = map[string]sense.Role{"motion": sense.Motion, "use": sense.Use, "seat": sense.Seat, "bed": sense.Bed, "outer-door": sense.OuterDoor}

var roomNames = map[string]sense.Room{"living": sense.Living, "bedroom": sense.Bedroom, "bathroom": sense.Bathroom,
	"kitchen": sense.Kitchen, "entrance": sense.Entrance, "elsewhere": sense.Elsewhere}

// roleOf is what a sensor is: as the roles file says, else by its name, its kind
// and what it says. Use is false for sensors that do not tell behavior.
func roleOf(s reading, roles map[string]string) (sensor sense.Sensor, use bool, err error) {
	if text, ok := roles[s.name]; ok {
		if text == "ignore" {
			return sensor, false, nil
		}
		name, room, _ := strings.Cut(text, "@")
		role, known := roleNames[name]
		if !known {
			return sensor, false, bench.Usage("roles", "未知角色："+name, "the roles name an unknown role: "+name)
		}
		sensor = sense.Sensor{Role: role, Room: roomOf(s.name + " " + s.place)}
		if room != "" {
			if sensor.Room, known = roomNames[room]; !known {
				return sensor, false, bench.Usage("roles", "未知房间："+room, "the roles name an unknown room: "+room)
			}
		}
		return sensor, true, nil
	}
	name := strings.ToLower(s.name)
	if strings.Contains(name, "ignore") {
		return sensor, false, nil
	}
	sensor.Room = roomOf(s.name + " " + s.place)
	contact := s.contact || strings.EqualFold(s.kind, "Magnetic")
	switch {
	case contact && isOuterDoor(name):
		sensor.Role, sensor.Room = sense.OuterDoor, sense.Entrance
	case strings.EqualFold(s.kind, "Pressure") && strings.Contains(name, "bed"):
		sensor.Role = sense.Bed
	case strings.EqualFold(s.kind, "Pressure"):
		sensor.Role = sense.Seat
	case contact, strings.EqualFold(s.kind, "Flush"), strings.EqualFold(s.kind, "Electric"):
		sensor.Role = sense.Use
	case strings.Contains(name, "door") && isOuterDoor(name):
		sensor.Role, sensor.Room = sense.Motion, sense.Entrance
	default:
		sensor.Role = sense.Motion
	}
	return sensor, true, nil
}

var numberedDoor = regexp.MustCompile(`^d\d+$`)

func isOuterDoor(name string) bool {
	if numberedDoor.MatchString(name) {
		return true
	}
	for _, word := range []string{"front", "main", "outside", "outer", "entrance", "entry", "backdoor", "back door", "garage"} {
		if strings.Contains(name, word) && (strings.Contains(name, "door") || strings.Contains(name, "garage")) {
			return true
		}
	}
	return false
}

// roomOf reads a room from a name.
func roomOf(name string) sense.Room {
	name = strings.ToLower(name)
	for _, r := range []struct {
		room  sense.Room
		words []string
	}{
		{sense.Bathroom, []string{"bath", "toilet", "shower", "basin", "restroom", "wc"}},
		{sense.Bedroom, []string{"bed", "sleep"}},
		{sense.Kitchen, []string{"kitchen", "fridge", "freezer", "stove", "microwave", "cooktop", "toaster", "plates", "pans", "groceries", "dishwasher", "cupboard", "dining", "oven"}},
		{sense.Entrance, []string{"entrance", "outsidedoor", "frontdoor", "front door", "maindoor", "hall", "entry"}},
		{sense.Living, []string{"living", "lounge", "chair", "sofa", "couch", "seat", "tv", "work", "office", "study"}},
	} {
		for _, w := range r.words {
			if strings.Contains(name, w) {
				return r.room
			}
		}
	}
	return sense.Elsewhere
}
