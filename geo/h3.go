package geo

import (
	"math"
	"strconv"

	"linli"
)

// Cell is a hexagon of the H3 grid (h3geo.org): a resolution, one of 122 base
// cells and a digit 0 to 6 per resolution, packed as H3 defines it. Resolution
// 10 is about 130 m across, which is what the heat map shows.
type Cell uint64

// MaxRes is the finest resolution of the grid, about a meter across.
const MaxRes = 15

// HeatRes is the resolution of every heat map; finer cells would point at homes.
const HeatRes = 10

// CellAt is the cell around p; ok is false for an unknown or invalid point and
// for a resolution outside 0 to MaxRes.
func CellAt(p linli.Point, res int) (c Cell, ok bool) {
	if p.IsZero() || !p.Valid() || res < 0 || res > MaxRes {
		return 0, false
	}
	at := unit(p)
	f := nearest(at)
	// Gnomonic projection onto the face, in steps of the grid; odd resolutions
	// are turned by the angle of the aperture-7 pattern.
	face := &faces[f]
	scale := gridScale * math.Pow(sqrt7, float64(res)) / at.dot(face.center)
	x, y := at.dot(face.axis)*scale, at.dot(face.side)*scale
	if res%2 == 1 {
		x, y = x*turnCos+y*turnSin, y*turnCos-x*turnSin
	}
	h := roundHex(x, y)
	var digits [MaxRes + 1]uint8
	for r := res; r > 0; r-- {
		up, down := h.parent(r)
		step := h.sub(down)
		digits[r] = unitDigit[step.a+1][step.b+1]
		h = up
	}
	return seal(f, h, res, &digits), true
}

// seal turns digits counted on a face into the cell they name on the globe.
func seal(face int, h hex, res int, digits *[MaxRes + 1]uint8) Cell {
	e := faceCells[face][h.index()]
	base, turn := uint64(e>>4), int(e>>1&7)
	lead := uint8(0)
	for r := 1; r <= res && lead == 0; r++ {
		lead = digits[r]
	}
	// A pentagon has no branch in direction 1: what would land there belongs to
	// the neighbor branch on the side that the face lies on.
	if pentagon(base) && turned[turn][lead] == 1 {
		if e&1 == 0 {
			turn++
		} else {
			turn += 5
		}
	}
	c := Cell(1)<<59 | Cell(res)<<52 | Cell(base)<<45 | (1<<45 - 1)
	for r := 1; r <= res; r++ {
		c = c.withDigit(r, turned[turn%6][digits[r]])
	}
	return c
}

// Res is the resolution, 0 to 15.
func (c Cell) Res() int { return int(c >> 52 & 15) }

func (c Cell) base() uint64 { return uint64(c >> 45 & 127) }

func (c Cell) digit(r int) uint8 { return uint8(c >> (45 - 3*r) & 7) }

func (c Cell) withDigit(r int, d uint8) Cell {
	shift := 45 - 3*r
	return c&^(7<<shift) | Cell(d)<<shift
}

// String prints the cell as every H3 library does: 15 hexadecimal digits.
func (c Cell) String() string { return strconv.FormatUint(uint64(c), 16) }

// ParseCell reads what String prints; anything that is no cell is an invalid error.
func ParseCell(s string) (Cell, error) {
	n, err := strconv.ParseUint(s, 16, 64)
	c := Cell(n)
	if err != nil || !c.Valid() {
		return 0, linli.Invalidf("cell", "“%s”不是有效的网格编号", "%q is not an H3 cell", s)
	}
	return c, nil
}

// Valid tells whether c is a cell of the grid, not some other number.
func (c Cell) Valid() bool {
	if c>>56 != 8 || c.base() > 121 { // mode 1, nothing reserved is set
		return false
	}
	lead := uint8(0)
	for r := 1; r <= MaxRes; r++ {
		d := c.digit(r)
		if (d == 7) != (r > c.Res()) {
			return false
		}
		if lead == 0 {
			lead = d
		}
	}
	return !(pentagon(c.base()) && lead == 1)
}

// Parent is the cell of the coarser resolution that c belongs to; c itself when
// res is not coarser.
func (c Cell) Parent(res int) Cell {
	if res < 0 || res >= c.Res() {
		return c
	}
	for r := res + 1; r <= c.Res(); r++ {
		c = c.withDigit(r, 7)
	}
	return c&^(15<<52) | Cell(res)<<52
}

// Center is the middle of the cell; unknown when c is not Valid.
func (c Cell) Center() linli.Point {
	if !c.Valid() {
		return linli.Point{}
	}
	res := c.Res()
	// The cell may be named from several faces and by several turns. The right
	// reading seals back to c and lies on the face it was read on.
	var best vec
	margin := -1.0
	for f := range faces {
		for i, e := range faceCells[f] {
			if e == no || uint64(e>>4) != c.base() {
				continue
			}
			for turn := range 6 {
				h := hexOf(i)
				var digits [MaxRes + 1]uint8
				for r := 1; r <= res; r++ {
					digits[r] = turned[turn][c.digit(r)]
				}
				if seal(f, h, res, &digits) != c {
					continue
				}
				for r := 1; r <= res; r++ {
					h = h.child(r).add(digitUnit[digits[r]])
				}
				at := onFace(f, h, res)
				// How far the face is nearer than any other: largest where it is the true one.
				own, other := at.dot(faces[f].center), -1.0
				for g := range faces {
					if g != f {
						other = math.Max(other, at.dot(faces[g].center))
					}
				}
				if own-other > margin {
					best, margin = at, own-other
				}
			}
		}
	}
	return best.point()
}

// onFace is the point of the globe at a grid position of a face.
func onFace(f int, h hex, res int) vec {
	x, y := float64(h.a)-float64(h.b)/2, float64(h.b)*sin60
	if res%2 == 1 {
		x, y = x*turnCos-y*turnSin, y*turnCos+x*turnSin
	}
	scale := 1 / (gridScale * math.Pow(sqrt7, float64(res)))
	face := &faces[f]
	return face.center.add(face.axis.times(x * scale)).add(face.side.times(y * scale)).normal()
}

// hex is a position of the hexagon grid of a face, counted along the two axes
// that run to the first vertex of the face and 120° counterclockwise of it.
type hex struct{ a, b int }

func (h hex) add(g hex) hex { return hex{h.a + g.a, h.b + g.b} }
func (h hex) sub(g hex) hex { return hex{h.a - g.a, h.b - g.b} }

// index is the column of faceCells.
func (h hex) index() int { return (h.a+2)*5 + h.b + 2 }

func hexOf(index int) hex { return hex{index/5 - 2, index%5 - 2} }

// child is the position, at resolution r, of the center child of the coarser h.
func (h hex) child(r int) hex {
	if r%2 == 1 {
		return hex{2*h.a + h.b, 3*h.b - h.a}
	}
	return hex{3*h.a - h.b, h.a + 2*h.b}
}

// parent is the coarser hexagon that holds h of resolution r, and its center child.
func (h hex) parent(r int) (up, center hex) {
	if r%2 == 1 {
		up = hex{sevenths(3*h.a - h.b), sevenths(h.a + 2*h.b)}
	} else {
		up = hex{sevenths(2*h.a + h.b), sevenths(3*h.b - h.a)}
	}
	return up, up.child(r)
}

// sevenths is n/7 rounded to the nearest whole number.
func sevenths(n int) int {
	n += 3
	if n < 0 {
		n -= 6
	}
	return n / 7
}

// roundHex is the hexagon around a position of the plane.
func roundHex(x, y float64) hex {
	b := y / sin60
	a := x + b/2
	// The three coordinates across the hexagon sides add up to zero; rounding
	// all and repairing the worst finds the nearest center.
	u, v, w := math.Round(a-b), math.Round(b), math.Round(-a)
	du, dv, dw := math.Abs(u-(a-b)), math.Abs(v-b), math.Abs(w+a)
	switch {
	case du > dv && du > dw: // u follows from the others
	case dv > dw:
		v = -u - w
	default:
		w = -u - v
	}
	return hex{int(-w), int(v)}
}

// digitUnit is the step that a digit stands for, unitDigit its inverse.
var digitUnit = [8]hex{{0, 0}, {-1, -1}, {0, 1}, {-1, 0}, {1, 0}, {0, -1}, {1, 1}}

var unitDigit = func() (m [3][3]uint8) {
	for d, u := range digitUnit[:7] {
		m[u.a+1][u.b+1] = uint8(d)
	}
	return m
}()

// turned[n][d] is digit d after n turns of 60° counterclockwise.
var turned = func() (t [6][8]uint8) {
	next := [8]uint8{0, 5, 3, 1, 6, 4, 2, 7}
	for d := range t[0] {
		t[0][d] = uint8(d)
		for n := 1; n < 6; n++ {
			t[n][d] = next[t[n-1][d]]
		}
	}
	return t
}()

func pentagon(base uint64) bool {
	switch base {
	case 4, 14, 24, 38, 49, 58, 63, 72, 83, 97, 107, 117:
		return true
	}
	return false
}
