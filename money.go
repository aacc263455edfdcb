package linli

import "fmt"

// Fen is an amount of money in fen, a hundredth of a yuan; never a float.
type Fen int64

// String prints yuan with two decimals, e.g. "-12.05".
func (f Fen) String() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, int64(f)/100, int64(f)%100)
}
