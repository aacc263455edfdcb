package device

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"linli/auth"
	"linli/engine/db"
)

// Two installers scan the same code at the same moment: one of them has the device.
func TestOfManyWhoScanACodeOneClaimsTheDevice(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id := u.want(201, "steward", "POST", "/api/v1/devices", object{"kind": "smoke", "serial": "R-1", "place": flat}).str("id")
		code := u.want(200, "steward", "POST", "/api/v1/devices/"+id+"/code", nil).str("code")
		steward := &auth.Principal{User: "usr_1", Grants: []auth.Grant{{Role: "data-steward", Place: here}}}
		var all sync.WaitGroup
		var won atomic.Int64
		for range 6 {
			all.Go(func() {
				if u.db.Write(t.Context(), func(tx db.Tx) error {
					_, _, err := u.s.claim(tx, steward, code, "", "", "")
					return err
				}) == nil {
					won.Add(1)
				}
			})
		}
		all.Wait()
		if d := u.get(id); won.Load() != 1 || d.Keys != 1 || d.State != Claimed {
			t.Errorf("%d claimed it, %+v", won.Load(), d)
		}
	})
}

// A person withdraws while two nodes store what their bracelet sends: whatever comes
// first, once the erasure is done nothing is there and nothing comes after.
func TestAWithdrawalAmongMessagesLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, u *street) {
		id, _ := u.bracelet()
		u.say(id, UpData, `{"m":{"hr":70}}`)
		nodes := []*Service{u.s, u.node()}
		var all sync.WaitGroup
		for n, s := range nodes {
			all.Go(func() {
				for i := range 40 {
					at := u.now().Add(-time.Duration(n*1000+i) * time.Second)
					payload := fmt.Sprintf(`{"t":%d,"m":{"hr":%d,"steps":%d}}`, at.UnixMilli(), 60+n, i)
					if err := s.Sink(t.Context(), []Message{{Device: id, Topic: Topic(id, UpData), Payload: []byte(payload), At: u.now()}}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			u.withdraw(u.elder, "vitals")
			u.settle()
		})
		all.Wait()
		u.settle()
		steps := 0
		for _, s := range u.stored() {
			if s[:3] == "hr=" {
				t.Errorf("left behind: %s", s)
			} else {
				steps++
			}
		}
		if d := u.get(id); steps != 80 || d.State != Active {
			t.Errorf("of what was not withdrawn %d of 80 are there, %+v", steps, d)
		}
	})
}
