package text

import (
	"slices"
	"strconv"
	"strings"
)

// The grammar of Chinese addresses below the estate:
//
//	3栋2单元302室 · 十二号楼一单元 · A座1803 · 3-2-302 after an estate ·
//	福州路120号 · 延安路100弄5号302室
//
// A part is only believed when its unit word says so, or when it directly
// follows a part that did.

// addresses finds roads, unknown estates and the parts of a dwelling.
func (x *reader) addresses() {
	x.roads()
	x.estates()
	chain, last := -1, Kind("") // end and kind of the last part found
	for i := 0; i < len(x.f); i++ {
		if x.taken[i] {
			if x.named[i+1] {
				chain, last = i+1, KindEstate
			}
			continue
		}
		if chain == i {
			if n := x.hyphened(i, last); n > i {
				chain, last = n, KindDwelling
				i = n - 1
				continue
			}
		}
		value, end, plain, ok := x.partNumber(i)
		if !ok {
			continue
		}
		kind, rule, stop := x.partUnit(i, end, plain, chain == i, last)
		if stop == 0 {
			i = end - 1
			continue
		}
		x.emit(i, stop, Span{Kind: kind, Rule: rule, Value: value})
		chain, last = stop, kind
		i = stop - 1
	}
}

// partNumber reads what stands before a unit: 12, 12A, A, 十二, 甲.
func (x *reader) partNumber(i int) (value string, end int, plain, ok bool) {
	if n, end, chinese, ok := x.numeral(i); ok {
		value = strconv.Itoa(n)
		if !chinese {
			value = strings.TrimLeft(string(x.f[i:end]), "0")
			if value == "" {
				value = "0"
			}
			if r := x.at(end); r >= 'a' && r <= 'z' && !x.gap(end) {
				value += string(r - 'a' + 'A')
				end++
			}
		}
		return value, end, !chinese, true
	}
	r := x.at(i)
	before := x.at(i - 1)
	if r >= 'a' && r <= 'z' && !(before >= 'a' && before <= 'z') && !isDigit(before) {
		value, end = string(r-'a'+'A'), i+1
		if n, e, chinese, ok := x.numeral(end); ok && !chinese && !x.gap(end) {
			return value + strconv.Itoa(n), e, true, true // B12
		}
		return value, end, true, true
	}
	return "", i, false, false
}

// partUnit decides by the unit word after a number, and by what went before,
// which part it is. plain numbers are written in digits.
func (x *reader) partUnit(i, end int, plain, chained bool, last Kind) (Kind, string, int) {
	digits := end - i
	if stop, w := x.lit(end, "号楼", "栋楼", "幢楼", "栋", "幢", "座", "#楼", "#"); stop > 0 {
		if w != "号楼" && !plain && !chained && x.measured(i, stop) {
			return "", "", 0 // 这一栋, 两栋楼
		}
		if w == "座" && plain && isDigit(x.f[i]) && !chained {
			return "", "", 0 // 5座: seats
		}
		return KindBuilding, "building", stop
	}
	if stop, _ := x.lit(end, "单元", "梯位"); stop > 0 {
		return KindEntrance, "entrance", stop
	}
	if chained && last == KindBuilding {
		if stop, _ := x.lit(end, "门", "梯"); stop > 0 {
			return KindEntrance, "entrance-door", stop
		}
	}
	if stop, _ := x.lit(end, "室"); stop > 0 && (digits >= 3 || chained) {
		if e, _ := x.lit(stop, "一厅", "二厅", "两厅", "1厅", "2厅"); e == 0 {
			return KindDwelling, "dwelling", stop
		}
	}
	if stop, _ := x.lit(end, "号房", "房", "户"); stop > 0 && plain && digits >= 3 && (chained || x.at(stop-1) == '房') {
		return KindDwelling, "dwelling", stop
	}
	if chained && last == KindRoad {
		return "", "", 0
	}
	if stop, _ := x.lit(end, "号"); stop > 0 && chained && x.at(stop) != '线' {
		switch last {
		case KindBuilding, KindEntrance, KindFloor:
			// 16栋1号电梯 is no dwelling.
			if e, _ := x.lit(stop, "电梯", "户型", "门", "楼", "店", "商铺", "梯"); e == 0 && (digits >= 3 || last == KindEntrance) {
				return KindDwelling, "dwelling-number", stop
			}
			return "", "", 0
		case KindEstate:
			return KindBuilding, "building-number", stop // 弄, 小区 with 号
		}
	}
	if stop, _ := x.lit(end, "楼", "层"); stop > 0 && (plain || chained) && digits <= 2 {
		return KindFloor, "floor", stop
	}
	if chained && plain && digits >= 3 && digits <= 5 && (last == KindBuilding || last == KindEntrance || last == KindFloor) && !x.unitFollows(end) {
		return KindDwelling, "dwelling-bare", end
	}
	return "", "", 0
}

// measured tells whether the numeral counts buildings rather than names one.
func (x *reader) measured(i, stop int) bool {
	if strings.ContainsRune("这那整每同哪某有共第几", x.at(i-1)) && x.at(i-1) != 0 {
		return true
	}
	n, _, _, _ := x.numeral(i)
	if n > 2 && x.at(i) != '两' {
		return false
	}
	// 一栋, 二栋 stand for a name only when more of the address follows.
	_, _, _, more := x.partNumber(stop)
	return x.at(i) == '两' || !more
}

// unitFollows tells that a bare number is a count or a time, not a dwelling.
func (x *reader) unitFollows(i int) bool {
	if stop, _ := x.lit(i, measures...); stop > 0 {
		return true
	}
	stop, _ := x.lit(i, "年", "月", "日", "点", ":", "%", "岁", ".")
	return stop > 0
}

// hyphened reads 3-2-302 or 3-302 right after an estate, and 2-302 after a building.
func (x *reader) hyphened(i int, last Kind) int {
	var from, to []int
	k := i
	for len(from) < 3 {
		if !isDigit(x.at(k)) {
			break
		}
		_, end, _, _ := x.numeral(k)
		from, to = append(from, k), append(to, end)
		if x.at(end) != '-' || !isDigit(x.at(end+1)) {
			break
		}
		k = end + 1
	}
	var kinds []Kind
	n := len(from)
	switch {
	case last == KindEstate && n == 3:
		kinds = []Kind{KindBuilding, KindEntrance, KindDwelling}
	case last == KindEstate && n == 2 && to[1]-from[1] >= 3:
		kinds = []Kind{KindBuilding, KindDwelling}
	case last == KindBuilding && n == 2 && to[1]-from[1] >= 3:
		kinds = []Kind{KindEntrance, KindDwelling}
	default:
		return 0
	}
	for j := range from {
		if to[j]-from[j] > 5 || !x.free(from[j], to[j]) {
			return 0
		}
	}
	for j, kind := range kinds {
		v, _, _, _ := x.numeral(from[j])
		x.emit(from[j], to[j], Span{Kind: kind, Rule: "hyphened", Value: strconv.Itoa(v)})
	}
	stop := to[n-1]
	if e, _ := x.lit(stop, "室"); e > 0 {
		stop = e
	}
	return stop
}

// A name of a road or estate reaches back to the first of these runes, or to
// the end of one of these words.
var (
	nameStops = newRuneSet("的在到从了是和与及往住把被向对于为由经过沿去来回有位请我你他您们本该这那各全每个条座栋号处区市县镇乡省街道路口边旁侧将让给跟比按因但而且也都就才又再不没很最更、至着邻致使之段")
	nameWords = []string{"关于", "购买", "进入", "居住", "希望", "要求", "针对", "反映", "投诉", "举报", "尤其", "以及", "包括", "附近", "强制", "造成", "帮助", "建议", "咨询", "反应", "靠近", "计划", "解决", "恳请", "如果", "所以", "目前", "现在", "已经", "通往", "前往", "走进", "搬进", "管理", "部分", "打砸", "出入", "周边", "农民", "改造", "入住", "物业", "纳入", "设置", "影响", "维护", "户型"}
)

// nameBefore finds where the name that ends before i begins, at most so many
// runes back. It is not sure when nothing marks the beginning.
func (x *reader) nameBefore(i, most int, digits bool) (from int, sure bool) {
	for from = i; from > 0; from-- {
		r := x.f[from-1]
		if x.taken[from-1] || !isHan(r) && !(digits && isDigit(r)) || nameStops.has(r) {
			sure = true
			break
		}
		if i-from == most {
			break
		}
	}
	sure = sure || from == 0
	for k := i - 1; k >= from; k-- {
		if e, _ := x.lit(k, nameWords...); e > 0 && e <= i {
			return e, true
		}
	}
	return from, sure
}

// notRoads end in 路 without being one.
var notRoads = []string{"道路", "马路", "公路", "铁路", "走路", "让路", "修路", "一路", "线路", "电路", "网路", "出路", "思路", "迷路", "小路", "大路", "主路", "辅路", "水路", "后路", "半路", "堵路", "问路", "引路", "拦路", "过路", "陆路", "套路", "行路", "开路", "土路", "石路", "泥路", "老路", "新路", "支路", "短路", "通路", "岔路", "条路", "段路", "高速路", "快速路", "断头路", "回头路", "柏油路", "沥青路", "商业街", "步行街", "上街", "逛街", "大街", "小街", "美食街", "一条街", "小巷", "大巷"}

var roadStarts = newRuneSet("大路街巷弄胡")

// roads finds 中山东一路, 福州路120号, 延安东路100弄.
func (x *reader) roads() {
	for i := range x.f {
		if x.taken[i] || !roadStarts.has(x.f[i]) {
			continue
		}
		stop, _ := x.lit(i, "大道", "路", "街", "巷", "弄", "胡同")
		if stop == 0 {
			continue
		}
		if e, _ := x.lit(stop, "口", "灯", "面", "边", "况", "过", "人", "上", "程", "线", "由", "费", "段", "政", "道", "办"); e > 0 && x.at(i) != '弄' {
			// 路口, 路灯 ... : with a proper name before it, it is still a road.
			if w := x.at(stop); w != '口' && w != '段' && w != '边' && w != '上' {
				continue
			}
		}
		from, sure := x.nameBefore(i, 5, false)
		name := string(x.f[from:stop])
		house, houseEnd := "", 0
		if n, e, chinese, ok := x.numeral(stop); ok && !chinese {
			if k, _ := x.lit(e, "号", "弄"); k > 0 {
				if w, _ := x.lit(k, "线", "楼"); w == 0 {
					house, houseEnd = strconv.Itoa(n)+string(x.f[k-1]), k
				}
			}
		}
		ordinary := i-from < 2 || !sure
		for _, w := range notRoads {
			ordinary = ordinary || strings.HasSuffix(name, w)
		}
		if x.at(i) == '弄' && house == "" || i == from || ordinary && (house == "" || i-from < 1) {
			continue
		}
		rule := "road"
		if house != "" {
			stop, rule = houseEnd, "road-number"
		}
		if x.free(from, stop) {
			x.emit(from, stop, Span{Kind: KindRoad, Rule: rule, Value: name + house})
		}
	}
	// A number behind a road the gazetteer knows belongs to the road, too.
	for _, s := range slices.Clone(x.spans) {
		if s.Kind != KindPlace || !strings.ContainsAny(lastRune(s.Value), "路街巷道") {
			continue
		}
		at, _ := slices.BinarySearch(x.pos, int32(s.To))
		if n, e, chinese, ok := x.numeral(at); ok && !chinese {
			if k, _ := x.lit(e, "号", "弄"); k > 0 && x.free(at, k) {
				x.emit(at, k, Span{Kind: KindRoad, Rule: "road-number", Value: s.Value + strconv.Itoa(n) + string(x.f[k-1])})
			}
		}
	}
}

func lastRune(s string) string {
	rs := []rune(s)
	if len(rs) == 0 {
		return ""
	}
	return string(rs[len(rs)-1])
}

func isHan(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }

// splitRoad parts 福州路120号 into the road and its number.
func splitRoad(v string) (road, number string) {
	i := strings.IndexAny(v, "0123456789")
	if i < 0 {
		return v, ""
	}
	return v[:i], v[i:]
}

// estateEnds name an estate; what stands before them is its name.
var estateEnds = []string{"小区", "花园", "家园", "公寓", "新村", "花苑", "佳苑", "嘉苑", "雅苑", "名苑", "大厦", "山庄", "公馆", "名邸", "新城", "华府", "华庭", "豪庭", "安置房", "社区"}

var estateStarts = func() runeSet {
	set := runeSet{}
	for _, w := range estateEnds {
		set[[]rune(w)[0]] = true
	}
	return set
}()

// pronouns before 小区 say which one without naming it.
var pronouns = []string{"我们", "本", "全", "该", "整个", "老旧", "旧", "新建", "住宅", "居民", "封闭", "周边", "附近", "开放", "其他", "别的", "多个", "智慧", "文明", "成熟", "高档", "大型", "商住", "安置"}

// estates finds names the gazetteer does not know: 魏家坡小区, 阳光花园.
func (x *reader) estates() {
	for i := range x.f {
		if x.taken[i] || !estateStarts.has(x.f[i]) {
			continue
		}
		stop, w := x.lit(i, estateEnds...)
		if stop == 0 {
			continue
		}
		if e, k := x.lit(stop, "小区", "社区"); e > 0 && w != k {
			continue // 阳光花园小区: the next round takes it whole
		}
		from, sure := x.nameBefore(i, 6, true)
		name := string(x.f[from:i])
		for _, p := range pronouns {
			if strings.HasSuffix(name, p) {
				name = ""
			}
		}
		if sure && i-from >= 2 && name != "" && x.free(from, stop) {
			x.emit(from, stop, Span{Kind: KindEstate, Rule: "estate", Value: string(x.f[from:stop])})
		}
	}
}
