package evaluate

import (
	"crypto/hmac"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"linli"
	"linli/auth"
)

//go:embed seeds/tags.yaml
var tagsYAML []byte

// RatingTag is something residents say of a service in one tap.
type RatingTag struct {
	Code string `json:"code" yaml:"code"`
	Zh   string `json:"zh" yaml:"zh"`
	En   string `json:"en" yaml:"en"`
	Good bool   `json:"good" yaml:"good" doc:"offered with 4 and 5 stars"`
}

var tags = func() (out []RatingTag) {
	if err := yaml.UnmarshalWithOptions(tagsYAML, &out, yaml.Strict()); err != nil {
		panic("evaluate: seeds/tags.yaml: " + err.Error()) // embedded and tested
	}
	return out
}()

// notNeeded is the tag by which a service counts as not matching the need.
const notNeeded = "not-needed"

func checkTags(given []string) error {
	for i, code := range given {
		if !slices.ContainsFunc(tags, func(t RatingTag) bool { return t.Code == code }) {
			return linli.Invalidf(fmt.Sprintf("tags[%d]", i), "没有这个标签：%s", "there is no tag %s", code)
		}
	}
	return nil
}

// Reasons why an answer stays out of the NPS.
const (
	excludedStaff  = "staff"  // staff and providers do not judge themselves
	excludedRepeat = "repeat" // one answer per person and quarter counts
)

// staff tells whether the answer comes from somebody who works for the hub and not
// from the resident: an order that served nobody in person, or a resident who holds
// a working role too. A desk that writes down what a resident says on the phone is
// not the one who answers.
func staff(p *auth.Principal, resident linli.ResidentID) bool {
	if resident == "" {
		return true
	}
	if !p.Serves(resident) {
		return false
	}
	return p.Worker != "" || slices.ContainsFunc(p.Grants, func(g auth.Grant) bool { return auth.Rules.Roles[g.Role].Actor != "resident" })
}

// hash is what is kept of a resident: stable, and of no use without the key.
func hash(key []byte, id string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id))
	return hex.EncodeToString(m.Sum(nil)[:12])
}

// quarter names the quarter of a moment, e.g. 2026Q1.
func quarter(at time.Time) string {
	at = at.In(linli.Shanghai)
	return fmt.Sprintf("%dQ%d", at.Year(), (int(at.Month())+2)/3)
}

// Reasons why a resident is called back.
const (
	drawnSample = "sample"
	drawnP1     = "p1"
	drawnLow    = "low"
)

// lowStars is the rating at which the resident is always called.
const lowStars = 2

// drawn tells whether the order falls into a sample of the share (0 to 1): a
// random draw that anybody who knows the seed can repeat, and nobody can steer.
func drawn(seed string, order linli.OrderID, share float64) bool {
	sum := sha256.Sum256([]byte(seed + "\x00" + string(order)))
	return float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<53) < share
}

const (
	callLimit = 3 * 24 * time.Hour // a call is due three days after the service
	maxTries  = 3                  // then the resident counts as not reached
)
