package geo

import (
	"math"

	"linli"
)

// The H3 grid lies on an icosahedron in the orientation of Fuller's Dymaxion
// map, all twelve vertices at sea. The numbers of this file are facts of the
// grid, measured on the reference implementation (h3-js 4.5.0).

// vertices are the corners of the icosahedron, the centers of the twelve pentagons.
var vertices = [12]linli.Point{
	{Lng: 10.536199075467682, Lat: 64.70000012793487}, {Lng: -143.47849001502516, Lat: 50.103201482241346},
	{Lng: 122.30000040778702, Lat: 39.10000003397593}, {Lng: -67.13232636643566, Lat: 23.71792527122296},
	{Lng: 58.157705839572586, Lat: 10.44734518751103}, {Lng: -5.245390296777324, Lat: 2.300882111626747},
	{Lng: 174.75460970322266, Lat: -2.300882111626747}, {Lng: -121.8422941604274, Lat: -10.447345187511027},
	{Lng: 112.86767363356437, Lat: -23.717925271222967}, {Lng: -57.69999959221297, Lat: -39.10000003397592},
	{Lng: 36.52150998497484, Lat: -50.10320148224133}, {Lng: -169.46380092453242, Lat: -64.70000012793489},
}

// faceVertices are the corners of each face, counterclockwise seen from outside.
var faceVertices = [20][3]int{
	{0, 4, 2}, {0, 2, 1}, {0, 1, 3}, {0, 3, 5}, {0, 5, 4}, {2, 4, 8}, {1, 2, 6}, {1, 7, 3}, {3, 9, 5}, {4, 5, 10},
	{2, 8, 6}, {1, 6, 7}, {3, 7, 9}, {5, 9, 10}, {4, 10, 8}, {6, 8, 11}, {6, 11, 7}, {7, 11, 9}, {9, 11, 10}, {8, 10, 11},
}

const no = 0xfff // in faceCells: no point of the face can fall here

// faceCells names the base cell at each of the 16 coarse positions of a face
// (columns as hex.index):
// base cell << 4 | turns of 60° from the face to the cell << 1 | 1 where a
// pentagon moves the missing branch clockwise.
var faceCells = [20][25]uint16{
	{384, 518, no, no, no, 170, 288, 480, 774, no, no, 90, 256, 528, 786, no, 10, 128, 352, 658, no, no, 64, 242, no},
	{224, 278, no, no, no, 154, 96, 176, 374, no, no, 26, 32, 160, 386, no, 58, 0, 80, 290, no, no, 69, 130, no},
	{608, 550, no, no, no, 474, 336, 304, 326, no, no, 218, 112, 144, 226, no, 202, 48, 16, 98, no, no, 70, 2, no},
	{928, 998, no, no, no, 714, 672, 688, 758, no, no, 458, 416, 464, 610, no, 250, 192, 208, 338, no, no, 72, 50, no},
	{784, 982, no, no, no, 538, 656, 848, 1046, no, no, 362, 496, 704, 930, no, 138, 240, 448, 674, no, no, 74, 194, no},
	{1332, 1402, no, no, no, 1194, 1124, 1076, 1066, no, no, 842, 804, 772, 785, no, 602, 516, 490, 538, no, no, 394, 298, no},
	{1012, 954, no, no, no, 906, 724, 628, 602, no, no, 570, 404, 372, 385, no, 442, 276, 186, 170, no, no, 234, 106, no},
	{610, 818, no, no, no, 338, 552, 866, 1170, no, no, 306, 584, 888, 1160, no, 146, 328, 648, 962, no, no, 229, 434, no},
	{930, 1218, no, no, no, 674, 1000, 1314, 1570, no, no, 690, 1032, 1352, 1560, no, 466, 760, 1112, 1426, no, no, 613, 818, no},
	{1716, 1674, no, no, no, 1626, 1508, 1380, 1226, no, no, 1306, 1204, 1044, 929, no, 1066, 980, 858, 714, no, no, 794, 666, no},
	{1017, 1270, no, no, no, 726, 944, 1254, 1478, no, no, 630, 912, 1184, 1334, no, 374, 592, 832, 1126, no, no, 384, 518, no},
	{1161, 1286, no, no, no, 886, 960, 1094, 1238, no, no, 646, 736, 896, 1014, no, 326, 432, 560, 726, no, no, 224, 278, no},
	{1561, 1654, no, no, no, 1350, 1424, 1462, 1414, no, no, 1110, 1136, 1168, 1158, no, 758, 816, 864, 886, no, no, 608, 550, no},
	{1721, 1846, no, no, no, 1510, 1664, 1766, 1782, no, no, 1382, 1536, 1568, 1558, no, 1046, 1216, 1312, 1350, no, no, 928, 998, no},
	{1337, 1606, no, no, no, 1126, 1392, 1638, 1798, no, no, 1078, 1360, 1616, 1718, no, 774, 1056, 1296, 1510, no, no, 784, 982, no},
	{1874, 1890, no, no, no, 1702, 1748, 1732, 1602, no, no, 1494, 1524, 1476, 1332, no, 1238, 1268, 1252, 1194, no, no, 1014, 954, no},
	{1162, 1418, no, no, no, 962, 1288, 1594, 1818, no, no, 1096, 1448, 1704, 1876, no, 898, 1240, 1496, 1750, no, no, 1016, 1270, no},
	{1562, 1786, no, no, no, 1426, 1656, 1866, 1946, no, no, 1464, 1688, 1816, 1874, no, 1170, 1416, 1592, 1702, no, no, 1160, 1286, no},
	{1722, 1802, no, no, no, 1666, 1848, 1930, 1898, no, no, 1768, 1912, 1944, 1873, no, 1570, 1784, 1864, 1814, no, no, 1560, 1654, no},
	{1876, 1938, no, no, no, 1750, 1892, 1924, 1842, no, no, 1734, 1828, 1796, 1716, no, 1478, 1604, 1636, 1626, no, no, 1334, 1402, no},
}

// vec is a point of space; on the unit sphere unless said otherwise.
type vec struct{ x, y, z float64 }

func (v vec) dot(w vec) float64   { return v.x*w.x + v.y*w.y + v.z*w.z }
func (v vec) add(w vec) vec       { return vec{v.x + w.x, v.y + w.y, v.z + w.z} }
func (v vec) times(f float64) vec { return vec{v.x * f, v.y * f, v.z * f} }
func (v vec) normal() vec         { return v.times(1 / math.Sqrt(v.dot(v))) }
func (v vec) cross(w vec) vec {
	return vec{v.y*w.z - v.z*w.y, v.z*w.x - v.x*w.z, v.x*w.y - v.y*w.x}
}

// unit is the point on the sphere.
func unit(p linli.Point) vec {
	sinLat, cosLat := math.Sincos(p.Lat * radian)
	sinLng, cosLng := math.Sincos(p.Lng * radian)
	return vec{cosLat * cosLng, cosLat * sinLng, sinLat}
}

func (v vec) point() linli.Point {
	return linli.Point{Lng: math.Atan2(v.y, v.x) / radian, Lat: math.Atan2(v.z, math.Hypot(v.x, v.y)) / radian}
}

// face is a triangle of the icosahedron: its middle, the direction in its plane
// to the first vertex, and the direction 90° counterclockwise of that.
type face struct{ center, axis, side vec }

var faces = func() (fs [20]face) {
	for i, corners := range faceVertices {
		a, b, c := unit(vertices[corners[0]]), unit(vertices[corners[1]]), unit(vertices[corners[2]])
		n := a.add(b).add(c).normal()
		axis := a.add(n.times(-a.dot(n))).normal()
		fs[i] = face{center: n, axis: axis, side: n.cross(axis)}
	}
	return fs
}()

// nearest is the face whose middle is closest.
func nearest(v vec) int {
	best, top := 0, -2.0
	for i := range faces {
		if d := v.dot(faces[i].center); d > top {
			best, top = i, d
		}
	}
	return best
}

const sqrt7 = 2.6457513110645905905016157536392604257102

// gridScale turns tangents of the projection into coarse grid steps: a vertex is two
// steps from the middle of its face, at tan = 3 − √5, which makes it the golden ratio squared.
const gridScale = 2.618033988749894848204586834365638117720

// sin60 is half the square root of three.
const sin60 = 0.8660254037844386467637231707529361834714

// turnCos and turnSin are of the angle asin(√(3/28)) by which each resolution is turned against the next.
const (
	turnCos = 0.9449111825230680680362913405854501520394
	turnSin = 0.3273268353539885718991462281234291777845
)
