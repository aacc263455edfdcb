package walk

import (
	"strconv"
	"strings"

	"linli/geo"
)

// wayRule is who may use a piece of way, and how. Forward is the way it is drawn.
type wayRule uint32

const (
	footForward wayRule = 1 << iota
	footBackward
	rideForward
	rideBackward
	stairs    // steps, three times as slow; not for wheels
	wheelRamp // stairs with a ramp for wheelchairs
	bikeRamp  // stairs with a channel to push a bike along
	noWheelchair
	carriageway // cars use it, too: whoever goes along it does not wait where others cross
	bridge
	tunnel

	allWayRules = 1<<iota - 1
)

// nodeRule is what happens at a vertex.
type nodeRule uint32

const (
	noFoot        nodeRule = 1 << iota // nobody passes: a locked gate, a wall
	noWheels                           // no wheelchair and no pram passes: a stile, a raised kerb
	noBike                             // no bike is pushed through
	gate                               // to be opened
	crossing                           // of a carriageway
	crossingLight                      // and it has lights
	junctionLight                      // lights of the junction itself

	allNodeRules = 1<<iota - 1
)

// closed are the values of access tags that keep people out. Nobody is sent along
// a private way, though it may stand open: we cannot know.
func closed(v string) bool {
	switch v {
	case "no", "private", "military", "use_sidepath":
		return true
	}
	return false
}

func open(v string) bool {
	switch v {
	case "yes", "designated", "permissive", "destination", "official", "customers", "public", "permit":
		return true
	}
	return false
}

// may answers the most special of the tags that says anything; else usual.
func may(tags map[string]string, usual bool, keys ...string) bool {
	for _, k := range keys {
		if v := tags[k]; closed(v) {
			return false
		} else if open(v) {
			return true
		}
	}
	return usual
}

// onWay reads the tags of a way (wiki.openstreetmap.org, Key:highway, Key:access,
// Key:oneway); 0 is a way that nobody may use.
func onWay(t map[string]string) wayRule {
	foot, ride, cars := false, false, false
	switch t["highway"] {
	case "footway", "steps", "corridor", "elevator", "bridleway", "platform", "pedestrian":
		foot = true
	case "path", "cycleway", "track":
		foot, ride = true, true
	case "living_street", "residential", "service", "unclassified", "road", "tertiary", "tertiary_link", "secondary", "secondary_link", "primary", "primary_link":
		foot, ride, cars = true, true, true
	case "trunk", "trunk_link": // fast roads; a sidewalk tells that people walk there
		switch t["sidewalk"] {
		case "both", "left", "right", "yes":
			foot = true
		}
		cars = true
	case "motorway", "motorway_link", "busway", "bus_guideway":
		cars = true
	case "":
		foot = true // a platform or a pier
	default:
		return 0
	}
	// Town tunnels for cars often lack a tag that says so: without a sidewalk nobody
	// walks there. Guess, after the tunnels of Shanghai under the Huangpu.
	below := t["tunnel"] != "" && t["tunnel"] != "no" && t["sidewalk"] == "" && major(t["highway"])
	if t["motorroad"] == "yes" || below {
		foot, ride = false, false
	}
	foot = may(t, foot, "foot", "access")
	ride = may(t, ride, "bicycle", "vehicle", "access") && t["bicycle"] != "dismount" && t["highway"] != "steps"

	var r wayRule
	if foot {
		r |= footForward | footBackward
		switch t["oneway:foot"] {
		case "yes", "1", "true":
			r &^= footBackward
		case "-1", "reverse":
			r &^= footForward
		}
		switch t["conveying"] { // escalators and moving walks
		case "forward":
			r &^= footBackward
		case "backward":
			r &^= footForward
		}
		if t["foot:backward"] == "no" {
			r &^= footBackward
		}
		if t["foot:forward"] == "no" {
			r &^= footForward
		}
	}
	if ride {
		r |= rideForward | rideBackward
		against := t["oneway:bicycle"] == "no" || t["cycleway"] == "opposite" || t["cycleway"] == "opposite_lane" || t["cycleway"] == "opposite_track"
		oneway := t["oneway"]
		if oneway == "" && (t["junction"] == "roundabout" || t["junction"] == "circular") {
			oneway = "yes"
		}
		if b := t["oneway:bicycle"]; b != "" && b != "no" {
			oneway = b
		}
		switch oneway {
		case "yes", "1", "true":
			if !against {
				r &^= rideBackward
			}
		case "-1", "reverse":
			if !against {
				r &^= rideForward
			}
		}
	}
	if r == 0 {
		return 0
	}
	if t["highway"] == "steps" {
		r |= stairs
		if t["ramp:wheelchair"] == "yes" || t["wheelchair"] == "yes" {
			r |= wheelRamp
		}
		if t["ramp:bicycle"] == "yes" || r&wheelRamp != 0 {
			r |= bikeRamp
		}
	}
	if t["wheelchair"] == "no" {
		r |= noWheelchair
	}
	switch t["smoothness"] { // wiki: from very_bad on only for wheels off the road
	case "very_bad", "horrible", "very_horrible", "impassable":
		r |= noWheelchair
	}
	if cars {
		r |= carriageway
	}
	if v := t["bridge"]; v != "" && v != "no" {
		r |= bridge
	}
	if v := t["tunnel"]; v != "" && v != "no" {
		r |= tunnel
	}
	return r
}

// major roads are those that cars pass a town on.
func major(highway string) bool {
	switch strings.TrimSuffix(highway, "_link") {
	case "trunk", "primary", "secondary", "tertiary":
		return true
	}
	return false
}

// stepCount is how many steps a flight of stairs has; 0 is not told.
func stepCount(t map[string]string) int32 {
	n, err := strconv.Atoi(t["step_count"])
	if err != nil || n < 1 || n > 5000 {
		return 0
	}
	return int32(n)
}

// atNode reads the tags of a corner (Key:barrier, Key:crossing, Key:kerb).
func atNode(t map[string]string) (r nodeRule) {
	switch t["barrier"] {
	case "", "entrance", "bollard", "block", "chain", "border_control", "toll_booth", "sally_port", "cattle_grid", "height_restrictor", "jersey_barrier", "planter":
	case "gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "wicket_gate", "yes":
		r |= gate
		if t["locked"] == "yes" {
			r |= noFoot
		}
	case "stile", "kissing_gate", "turnstile", "full-height_turnstile":
		r |= noWheels | noBike
	case "cycle_barrier", "motorcycle_barrier":
		r |= noWheels
	case "log", "step", "debris":
		r |= noWheels
	case "kerb":
		if k := t["kerb"]; k != "lowered" && k != "flush" && k != "no" {
			r |= noWheels
		}
	case "wall", "fence", "hedge", "ditch", "retaining_wall", "city_wall":
		r |= noFoot
	}
	if t["barrier"] != "" && !may(t, true, "foot", "access") {
		r |= noFoot
	}
	if t["kerb"] == "raised" || t["wheelchair"] == "no" {
		r |= noWheels
	}
	if t["wheelchair"] == "yes" {
		r &^= noWheels
	}
	switch {
	case t["crossing"] == "no":
	case t["highway"] == "crossing" || t["crossing"] != "":
		r |= crossing
		if t["crossing"] == "traffic_signals" || t["crossing:signals"] == "yes" {
			r |= crossingLight
		}
	case t["highway"] == "traffic_signals":
		r |= junctionLight
	}
	return r
}

// onWheels tells whether somebody sits in what rolls: stairs and kerbs stop them.
func onWheels(p geo.Profile) bool { return p == geo.Wheelchair || p == geo.Pram }

// cost is how long the whole of an edge takes in one direction, -1 when it is not
// allowed. What the vertex at its end costs is not in it.
func (e *edge) cost(p geo.Profile, forward bool) int32 {
	walk, ride := e.rule&footForward != 0, e.rule&rideForward != 0
	if !forward {
		walk, ride = e.rule&footBackward != 0, e.rule&rideBackward != 0
	}
	meters := float64(e.length) / 10
	onFoot, riding := speeds(p)
	if p == geo.EBike && ride {
		return tenths(meters, riding)
	}
	switch {
	case !walk,
		p == geo.Wheelchair && e.rule&noWheelchair != 0,
		onWheels(p) && e.rule&stairs != 0 && e.rule&wheelRamp == 0,
		p == geo.EBike && e.rule&stairs != 0 && e.rule&bikeRamp == 0:
		return -1
	}
	if e.rule&stairs != 0 && !(onWheels(p) && e.rule&wheelRamp != 0) {
		if e.steps == 0 {
			meters *= stairsFactor
		} else { // the steps are slow, the landings between them are not
			steep := float64(e.steps) * tread
			meters = steep*stairsFactor + max(0, meters-steep)
		}
	}
	return tenths(meters, onFoot)
}

// enter is how long it takes to come through the vertex at the end of an edge of
// the given rule, -1 when nobody of this profile passes. A light at a junction
// stops those who come along the carriageway, a crossing those who cross it; a bike
// stops at lights only.
func (r nodeRule) enter(p geo.Profile, by wayRule, junction bool) int32 {
	switch {
	case r&noFoot != 0, r&noWheels != 0 && onWheels(p), r&noBike != 0 && p == geo.EBike:
		return -1
	}
	wait := int32(0)
	if r&gate != 0 {
		wait += gateWait
	}
	along := by&carriageway != 0
	switch {
	case r&junctionLight != 0 && along && junction, r&crossingLight != 0 && !along:
		wait += signalWait
	case r&crossing != 0 && !along && p != geo.EBike:
		wait += crossingWait
	}
	return wait
}
