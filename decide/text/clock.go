package text

import (
	"slices"
	"strings"
	"time"

	"linli"
)

// The grammar of times: a day (明天, 下周三, 11月25日), a part of the day
// (上午, 晚上), a clock (三点半, 8:30), spans (8点到10点, 三天内, 周五前), and what
// recurs (每天晚上), which is found but never taken for a wish.

// wished is a time that may be a wish, with how much speaks for it.
type wished struct {
	window linli.Window
	weight int
}

// moment is a time being read.
type moment struct {
	from, to time.Time
	end      int
	rule     string
	day      bool // a day was named
	hour     bool // a part of the day or a clock was named
	ahead    bool // the words themselves point to the future
}

func (x *reader) times() {
	for i := 0; i < len(x.f); i++ {
		if x.taken[i] || !timeStarts.has(x.f[i]) {
			continue
		}
		if end := x.recurring(i); end > i {
			x.emit(i, end, Span{Kind: KindTime, Rule: "recurring"})
			i = end - 1
			continue
		}
		m, ok := x.moment(i)
		if !ok || !x.free(i, m.end) {
			continue
		}
		w := linli.Window{From: m.from, To: m.to}
		x.emit(i, m.end, Span{Kind: KindTime, Rule: m.rule, Time: w})
		x.weigh(i, m, w)
		i = m.end - 1
	}
}

// timeStarts are the runes a time can begin with: a quick no for the others.
var timeStarts = newRuneSet("0123456789零〇一二两三四五六七八九十百千半今明后昨前大下上本这近最当月年周星礼每天日夜整清凌早中午傍晚深白全")

// weigh decides whether a time can be a wish: it lies ahead, and either its
// words or its clause ask for something.
func (x *reader) weigh(i int, m moment, w linli.Window) {
	if !w.To.IsZero() && !w.To.After(x.now) || w.From.After(x.now.AddDate(0, 6, 0)) {
		return
	}
	if m.rule == "from-now-told" || strings.HasPrefix(m.rule, "month") || x.at(i-1) == '到' || x.at(i-1) == '至' {
		return
	}
	low, high := x.clause(i, m.end)
	near := string(x.f[max(low, i-6):i]) + "\n" + string(x.f[m.end:min(high, m.end+8)])
	cue := slices.ContainsFunc(cueWords, func(c string) bool { return strings.Contains(near, c) })
	if !cue && !(m.ahead && m.day) {
		return
	}
	if after := string(x.f[m.end:min(high, m.end+4)]); !m.day && m.rule != "within" && m.rule != "after" &&
		!slices.ContainsFunc(visitWords, func(c string) bool { return strings.Contains(after, c) }) {
		return // 夜间施工 is a story, 晚上能来吗 a wish
	}
	weight := 0
	for _, yes := range []bool{m.day, m.hour, m.ahead, cue} {
		if yes {
			weight++
		}
	}
	x.wishes = append(x.wishes, wished{w, weight})
}

// wish takes the strongest wish, of equals the first.
func (x *reader) wish(f *Facts) {
	best := 0
	for _, w := range x.wishes {
		if w.weight > best {
			best, f.Wish = w.weight, w.window
		}
	}
}

// recurring reads 每天晚上, 每周三, 周一到周五, 天天.
func (x *reader) recurring(i int) int {
	end, _ := x.lit(i, "每天", "每日", "每晚", "每早", "每个周末", "每周末", "每周", "每星期", "每个星期", "每月", "每个月", "每年", "天天", "日日", "夜夜", "整天", "整夜", "一天到晚")
	if end == 0 {
		if m, ok := x.weekday(i); ok {
			if k, _ := x.lit(m.end, "到", "至", "-", "~", "—"); k > 0 {
				if n, ok := x.weekday(k); ok {
					end = n.end
				}
			}
		}
		if end == 0 {
			return 0
		}
	}
	if _, e, _, ok := x.numeral(end); ok {
		if k, _ := x.lit(e, "日", "号", "次", "回"); k > 0 {
			return k // 每月15日, 每周2次
		}
		if r := x.at(e - 1); e == end+1 && chineseDigit(r) <= 6 { // 每周三
			end = e
		}
	}
	if k, _ := x.lit(end, "的"); k > 0 {
		end = k
	}
	for range 2 {
		if _, k, ok := x.period(end); ok {
			end = k
		}
		if c, ok := x.clockSpan(end, x.midnight(0), nil); ok {
			end = c.end
		}
	}
	if x.f[end-1] == '的' {
		end--
	}
	return end
}

// midnight is the start of the day so many days from now.
func (x *reader) midnight(days int) time.Time {
	y, m, d := x.now.Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, linli.Shanghai)
}

// moment reads the longest time at i.
func (x *reader) moment(i int) (moment, bool) {
	if m, ok := x.duration(i); ok {
		return m, true
	}
	m, ok := x.day(i)
	if !ok {
		m = moment{from: x.midnight(0), to: x.midnight(1), end: i}
	}
	k := m.end
	if ok {
		if e, _ := x.lit(k, "的"); e > 0 {
			k = e
		}
	}
	single := !ok || m.to.Sub(m.from) == 24*time.Hour
	var part *dayPart
	if p, e, found := x.period(k); found && single {
		part = &p
		k = e
		if e, _ := x.lit(k, "的"); e > 0 {
			k = e
		}
	}
	if single {
		if c, found := x.clockSpan(k, m.from, part); found && (ok || part != nil || x.clockAlone(k, c)) {
			c.day, c.hour, c.ahead = ok, true, m.ahead
			if c.rule = "clock"; ok {
				c.rule = m.rule + "-clock"
			}
			if !ok {
				x.roll(&c)
			}
			return x.bounded(c), true
		}
	}
	if part != nil {
		base := m.from
		m.from = base.Add(time.Duration(part.from) * time.Hour)
		m.to = base.Add(time.Duration(part.to) * time.Hour)
		m.hour = true
		if m.end = k; x.f[k-1] == '的' {
			m.end--
		}
		if ok {
			m.rule += "-period"
		} else {
			m.rule = "period"
			x.roll(&m)
		}
		return x.bounded(m), true
	}
	if !ok {
		return moment{}, false
	}
	// 11月25日至27日, 11月25日到12月3日
	if e, _ := x.lit(m.end, "到", "至", "-", "~", "—"); e > 0 && strings.HasPrefix(m.rule, "date") {
		if n, ok := x.day(e); ok && n.to.After(m.from) {
			m.to, m.end, m.rule = n.to, n.end, "date-span"
		} else if d, k, _, ok := x.numeral(e); ok && d >= 1 && d <= 31 {
			if k, _ := x.lit(k, "日", "号"); k > 0 {
				if to := time.Date(m.from.Year(), m.from.Month(), d+1, 0, 0, 0, 0, linli.Shanghai); to.After(m.from) {
					m.to, m.end, m.rule = to, k, "date-span"
				}
			}
		}
	}
	return x.bounded(m), true
}

// roll moves a time without a day to tomorrow when it is over today.
func (x *reader) roll(m *moment) {
	if !m.to.After(x.now) {
		m.from, m.to = m.from.AddDate(0, 0, 1), m.to.AddDate(0, 0, 1)
	}
}

// bounded reads 前, 后, 左右 behind a time.
func (x *reader) bounded(m moment) moment {
	if e, w := x.lit(m.end, "之前", "以前", "前"); e > 0 {
		if w == "前" {
			if bad, _ := x.lit(e, "后", "面", "台", "往", "方", "门", "期", "去", "来", "天", "年"); bad > 0 {
				if r := x.at(e); r == '后' && m.hour {
					return x.around(m, e+1)
				}
				if r := x.at(e); r != '来' && r != '去' {
					return m
				}
			}
		}
		limit := m.to // 周五前 includes Friday
		if m.hour {
			limit = m.from // 下午三点前
			if m.to.Sub(m.from) > time.Hour {
				limit = m.to // 上午前: through the morning
			}
		}
		if limit.After(x.now) {
			m.from, m.to, m.end, m.rule, m.ahead = x.now, limit, e, m.rule+"-before", true
		} else {
			m.from, m.to, m.end, m.rule = time.Time{}, limit, e, m.rule+"-before"
		}
		return m
	}
	if e, w := x.lit(m.end, "之后", "以后", "过后", "开始", "起", "后"); e > 0 {
		if w == "后" || w == "起" {
			if bad, _ := x.lit(e, "面", "门", "勤", "续", "来", "悔", "果", "天", "床", "火", "诉", "因", "码"); bad > 0 {
				return m
			}
		}
		m.to, m.end, m.rule = time.Time{}, e, m.rule+"-after"
		if m.hour { // after three o'clock: that day
			y, mo, d := m.from.Date()
			m.to = time.Date(y, mo, d+1, 0, 0, 0, 0, linli.Shanghai)
		}
		return m
	}
	if e, _ := x.lit(m.end, "左右", "上下", "许"); e > 0 && m.hour {
		return x.around(m, e)
	}
	return m
}

func (x *reader) around(m moment, end int) moment {
	m.from, m.to, m.end, m.rule = m.from.Add(-30*time.Minute), m.from.Add(30*time.Minute), end, m.rule+"-around"
	return m
}

// dayPart is a named part of the day in hours; afternoon shifts clocks by 12.
type dayPart struct {
	from, to  int
	afternoon bool
}

var dayParts = []struct {
	word string
	dayPart
}{
	{"大清早", dayPart{5, 8, false}}, {"清晨", dayPart{5, 8, false}}, {"凌晨", dayPart{0, 6, false}}, {"早晨", dayPart{6, 9, false}},
	{"早上", dayPart{6, 9, false}}, {"一早", dayPart{6, 9, false}}, {"上午", dayPart{8, 12, false}}, {"中午", dayPart{11, 14, true}},
	{"午间", dayPart{11, 14, true}}, {"下午", dayPart{13, 18, true}}, {"午后", dayPart{13, 18, true}}, {"傍晚", dayPart{17, 19, true}},
	{"晚上", dayPart{18, 22, true}}, {"晚间", dayPart{18, 22, true}}, {"夜里", dayPart{20, 24, true}}, {"夜间", dayPart{20, 24, true}},
	{"夜晚", dayPart{18, 24, true}}, {"半夜", dayPart{22, 26, true}}, {"深夜", dayPart{22, 26, true}}, {"白天", dayPart{8, 18, false}},
	{"全天", dayPart{0, 24, false}}, {"早", dayPart{6, 9, false}}, {"晚", dayPart{18, 22, true}}, {"夜", dayPart{20, 24, true}},
}

// period reads a part of the day. The single characters 早, 晚 and 夜 count only
// behind 今, 明, 昨 and weekdays, where day has already read what is before.
func (x *reader) period(i int) (dayPart, int, bool) {
	for _, p := range dayParts {
		end, _ := x.lit(i, p.word)
		if end == 0 {
			continue
		}
		if end == i+1 {
			prev, before := x.at(i-1), x.at(i-2)
			near := prev == '今' || prev == '明' || prev == '昨' || prev == '当' || prev == '每'
			week := before == '周' || before == '期' || before == '拜'
			far := prev == '天' && (before == '今' || before == '明' || before == '后' || before == '昨')
			if !near && !week && !far {
				continue
			}
		}
		return p.dayPart, end, true
	}
	return dayPart{}, i, false
}

// clockSpan reads 三点半, 8:30, 8点到10点 on the given day.
func (x *reader) clockSpan(i int, day time.Time, part *dayPart) (moment, bool) {
	h, m, end, ok := x.clock(i)
	if !ok {
		return moment{}, false
	}
	at := func(h, m int, part *dayPart) time.Time {
		if part == nil {
			// Without a part of the day, 1 to 5 is the afternoon: nobody books a visit at 3 in the night.
			if h >= 1 && h <= 5 {
				h += 12
			}
		} else if part.afternoon && h < 12 && !(part.from == 11 && h >= 10) {
			if part.to > 24 && h < 6 { // 半夜两点
				h += 24
			} else {
				h += 12
			}
		} else if part.afternoon && h == 12 && part.from >= 18 {
			h = 24 // 晚上12点
		}
		return day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
	}
	from := at(h, m, part)
	out := moment{from: from, to: from.Add(30 * time.Minute), end: end}
	k, _ := x.lit(end, "到", "至", "-", "~", "—", "–")
	if k == 0 {
		return out, true
	}
	for x.at(k) == '-' || x.at(k) == '—' {
		k++
	}
	second := part
	if p, e, ok := x.period(k); ok {
		second, k = &p, e
	}
	if h2, m2, e, ok := x.clock(k); ok {
		to := at(h2, m2, second)
		if !to.After(from) && to.Add(12*time.Hour).After(from) {
			to = to.Add(12 * time.Hour) // 10点到2点
		}
		if to.After(from) {
			out.to, out.end = to, e
		}
	}
	return out, true
}

// clock reads one time of day: 8:30, 8点, 8点半, 八点一刻, 10时30分.
func (x *reader) clock(i int) (h, m, end int, ok bool) {
	if isDigit(x.at(i-1)) && !x.gap(i) {
		return 0, 0, i, false
	}
	h, end, _, ok = x.numeral(i)
	if !ok || h > 24 {
		return 0, 0, i, false
	}
	if x.at(end) == ':' && isDigit(x.at(end+1)) && isDigit(x.at(end+2)) && !isDigit(x.at(end+3)) {
		m = int(x.at(end+1)-'0')*10 + int(x.at(end+2)-'0')
		if e, _ := x.lit(end+3, ":"); e > 0 && isDigit(x.at(e)) && isDigit(x.at(e+1)) {
			return h, m, e + 2, m < 60 // with seconds
		}
		return h, m, end + 3, m < 60
	}
	e, w := x.lit(end, "点钟", "点", "时")
	if e == 0 {
		return 0, 0, i, false
	}
	if bad, _ := x.lit(e, "间", "候", "期", "代", "刻", "常", "评", "赞", "击", "滴", "子"); bad > 0 && w != "点钟" {
		return 0, 0, i, false
	}
	end = e
	if e, _ := x.lit(end, "半"); e > 0 {
		return h, 30, e, true
	}
	if e, w := x.lit(end, "一刻", "三刻", "整"); e > 0 {
		return h, map[string]int{"一刻": 15, "三刻": 45, "整": 0}[w], e, true
	}
	if v, e, _, ok := x.numeral(end); ok && v < 60 && !x.gap(end) {
		if k, _ := x.lit(e, "分钟"); k > 0 {
			return h, 0, end, true
		}
		if k, _ := x.lit(e, "分"); k > 0 {
			return h, v, k, true
		}
		if v >= 10 { // 八点二十
			if k, _ := x.lit(e, "人", "个", "户", "次", "天", "多", "元", "块", "年", "岁"); k == 0 {
				return h, v, e, true
			}
		}
	}
	return h, 0, end, true
}

// clockAlone tells whether a clock without day and part of the day is one:
// 快一点 and 三点建议 are none.
func (x *reader) clockAlone(i int, c moment) bool {
	if isDigit(x.f[i]) {
		if e, _ := x.lit(c.end, "建议", "要求", "意见", "希望", "诉求", "问题", "理由", "疑问", "请求", ":"); e > 0 {
			return false
		}
		return true
	}
	switch x.f[c.end-1] {
	case '半', '钟', '分', '整', '刻':
		return true
	}
	e, _ := x.lit(c.end, "左右", "之前", "以前", "以后", "之后")
	return e > 0
}

// duration reads what is counted from now: 三天内, 半小时后, 这两天, 月底.
func (x *reader) duration(i int) (moment, bool) {
	if e, w := x.lit(i, "这两天", "这几天", "近两天", "近几天", "近日", "最近几天", "这周内", "本周内", "月底", "年底", "本月内", "这个月内", "当天"); e > 0 {
		m := moment{from: x.now, end: e, rule: "from-now", day: true}
		y, mo, _ := x.now.Date()
		switch w {
		case "月底", "本月内", "这个月内":
			if prev := x.at(i - 1); prev == '上' || prev == '下' || isDigit(prev) || chineseDigit(prev) >= 0 {
				return moment{}, false
			}
			m.to = time.Date(y, mo+1, 1, 0, 0, 0, 0, linli.Shanghai)
		case "年底":
			m.to = time.Date(y+1, 1, 1, 0, 0, 0, 0, linli.Shanghai)
		case "这周内", "本周内":
			m.to = x.monday(1)
		case "当天": // of the story, not of today
			m.to, m.rule = x.midnight(1), "from-now-told"
		default:
			m.to = x.midnight(3)
		}
		if w == "月底" || w == "年底" {
			if e, _ := x.lit(m.end, "之前", "以前", "前"); e > 0 {
				m.end, m.ahead = e, true
			}
		}
		return m, true
	}
	var n float64
	end := 0
	if e, _ := x.lit(i, "半个", "半"); e > 0 {
		n, end = 0.5, e
	} else if x.at(i-1) == '第' || isDigit(x.at(i-1)) && !x.gap(i) {
		return moment{}, false
	} else if v, e, _, ok := x.numeral(i); ok && v > 0 && v < 1000 {
		n, end = float64(v), e
	} else {
		return moment{}, false
	}
	e, unit := x.lit(end, "个小时", "小时", "个钟头", "钟头", "分钟", "个星期", "星期", "个礼拜", "周", "个月", "个工作日", "工作日", "天", "日", "年")
	if e == 0 {
		return moment{}, false
	}
	var to time.Time
	switch unit {
	case "个小时", "小时", "个钟头", "钟头":
		to = x.now.Add(time.Duration(n * float64(time.Hour)))
	case "分钟":
		to = x.now.Add(time.Duration(n * float64(time.Minute)))
	case "个星期", "星期", "个礼拜", "周":
		to = x.now.Add(time.Duration(n * 7 * 24 * float64(time.Hour)))
	case "个月":
		to = x.now.AddDate(0, int(n), 0)
		if n == 0.5 {
			to = x.now.AddDate(0, 0, 15)
		}
	case "年":
		to = x.now.AddDate(int(n), 0, 0)
	default:
		to = x.now.Add(time.Duration(n * 24 * float64(time.Hour)))
	}
	hours := strings.Contains(unit, "时") || strings.Contains(unit, "钟")
	if k, _ := x.lit(e, "之内", "以内", "内"); k > 0 {
		return moment{from: x.now, to: to, end: k, rule: "within", day: true, hour: hours}, true
	}
	if k, _ := x.lit(e, "之后", "以后", "后"); k > 0 {
		m := moment{from: to, to: to.Add(30 * time.Minute), end: k, rule: "after", day: true, hour: hours}
		if !hours {
			y, mo, d := to.Date()
			m.from = time.Date(y, mo, d, 0, 0, 0, 0, linli.Shanghai)
			m.to = m.from.AddDate(0, 0, 1)
		}
		return m, true
	}
	if k, _ := x.lit(e, "之前", "以前", "前"); k > 0 {
		back := x.now.Add(-to.Sub(x.now))
		y, mo, d := back.Date()
		m := moment{from: time.Date(y, mo, d, 0, 0, 0, 0, linli.Shanghai), end: k, rule: "ago", day: true}
		m.to = m.from.AddDate(0, 0, 1)
		if hours {
			m.from, m.to = back, x.now
		}
		return m, true
	}
	return moment{}, false
}

// monday is the start of this week (0), the next (1) or another.
func (x *reader) monday(weeks int) time.Time {
	back := (int(x.now.Weekday()) + 6) % 7
	return x.midnight(7*weeks - back)
}

// weekday reads 周三, 下周三, 上个星期天, 礼拜六.
func (x *reader) weekday(i int) (moment, bool) {
	weeks, k, named := 0, i, true
	switch e, w := x.lit(i, "下下周", "下下个星期", "下周", "下个周", "下星期", "下个星期", "下礼拜", "下个礼拜", "上上周", "上周", "上个周", "上星期", "上个星期", "上礼拜", "上个礼拜", "本周", "这周", "这个周", "这星期", "这个星期", "本星期", "周", "星期", "礼拜"); {
	case e == 0:
		return moment{}, false
	default:
		k = e
		switch rs := []rune(w); {
		case rs[0] == '下' && rs[1] == '下':
			weeks = 2
		case rs[0] == '下':
			weeks = 1
		case rs[0] == '上' && rs[1] == '上':
			weeks = -2
		case rs[0] == '上':
			weeks = -1
		case rs[0] == '本', rs[0] == '这':
		default:
			named = false
		}
	}
	if !named {
		// 一周三次, 每周五: not a weekday of the coming week.
		if prev := x.at(i - 1); prev == '每' || prev == '个' || prev == '几' || prev == '第' || prev == '半' || prev == '满' || chineseDigit(prev) >= 0 || isDigit(prev) {
			return moment{}, false
		}
	}
	day := 0
	switch r := x.at(k); {
	case r == '日' || r == '天' || r == '末':
		day = 7
	case chineseDigit(r) >= 1 && chineseDigit(r) <= 6 && r != '两':
		day = chineseDigit(r)
	case r >= '1' && r <= '7' && !isDigit(x.at(k+1)):
		day = int(r - '0')
	}
	if day == 0 {
		if !named {
			return moment{}, false
		}
		m := moment{from: x.monday(weeks), to: x.monday(weeks + 1), end: k, rule: "week", day: true, ahead: weeks > 0}
		if weeks == 0 {
			m.from = x.now
		}
		return m, true
	}
	m := moment{from: x.monday(weeks).AddDate(0, 0, day-1), end: k + 1, rule: "weekday", day: true, ahead: weeks > 0}
	m.to = m.from.AddDate(0, 0, 1)
	if x.at(k) == '末' {
		m.from, m.rule = m.from.AddDate(0, 0, -1), "weekend"
	}
	if !named && !m.to.After(x.now) {
		m.from, m.to = m.from.AddDate(0, 0, 7), m.to.AddDate(0, 0, 7)
	}
	return m, true
}

// day reads a calendar day, or a week or month.
func (x *reader) day(i int) (moment, bool) {
	if e, w := x.lit(i, "大后天", "后天", "后日", "明天", "明日", "明儿", "明早", "明晚", "今天", "今日", "今儿", "今早", "今晚", "今夜", "大前天", "前天", "昨天", "昨日", "昨晚", "昨夜", "前晚"); e > 0 {
		days := 0
		switch rs := []rune(w); {
		case w == "大后天":
			days = 3
		case w == "大前天":
			days = -3
		case rs[0] == '后':
			days = 2
		case rs[0] == '明':
			days = 1
		case rs[0] == '昨':
			days = -1
		case rs[0] == '前':
			days = -2
		}
		if r := x.at(e - 1); r == '早' || r == '晚' || r == '夜' {
			e-- // the part of the day is read by period
		}
		return moment{from: x.midnight(days), to: x.midnight(days + 1), end: e, rule: "day", day: true, ahead: days > 0}, true
	}
	if m, ok := x.weekday(i); ok {
		return m, true
	}
	if e, w := x.lit(i, "本月", "这个月", "下个月", "下月", "上个月", "上月"); e > 0 {
		shift := map[string]int{"下个月": 1, "下月": 1, "上个月": -1, "上月": -1}[w]
		y, mo, _ := x.now.Date()
		first := time.Date(y, mo+time.Month(shift), 1, 0, 0, 0, 0, linli.Shanghai)
		if d, k, _, ok := x.numeral(e); ok && d >= 1 && d <= 31 {
			if k, _ := x.lit(k, "日", "号"); k > 0 {
				m := moment{from: first.AddDate(0, 0, d-1), end: k, rule: "date", day: true, ahead: shift > 0}
				m.to = m.from.AddDate(0, 0, 1)
				return m, m.from.Month() == first.Month()
			}
		}
		return moment{from: first, to: first.AddDate(0, 1, 0), end: e, rule: "month", day: true, ahead: shift > 0}, true
	}
	return x.date(i)
}

// date reads 2026年11月25日, 11月25日, 11月, 2026-11-25 and 25号上午.
func (x *reader) date(i int) (moment, bool) {
	if prev := x.at(i - 1); isDigit(prev) && !x.gap(i) || chineseDigit(prev) >= 0 && !isDigit(x.at(i)) {
		return moment{}, false
	}
	n, end, chinese, ok := x.numeral(i)
	if !ok {
		return moment{}, false
	}
	year, month := 0, 0
	if e, _ := x.lit(end, "年"); e > 0 && !chinese && end-i == 2 {
		if _, k, _, ok := x.numeral(e); ok && x.at(k) == '月' {
			n += 2000 // 18年9月
		}
	}
	if n >= 1900 && n <= 2200 {
		if e, w := x.lit(end, "年", "-", "/", "."); e > 0 {
			mo, k, _, ok := x.numeral(e)
			if w != "年" {
				if ok && mo >= 1 && mo <= 12 && x.at(k) == []rune(w)[0] {
					if d, e, _, ok := x.numeral(k + 1); ok && d >= 1 && d <= 31 {
						return x.calendarDay(n, mo, d, e)
					}
				}
				return moment{}, false
			}
			year = n
			if !ok || mo < 1 || mo > 12 || x.at(k) != '月' {
				m := moment{from: time.Date(n, 1, 1, 0, 0, 0, 0, linli.Shanghai), end: e, rule: "month-year", day: true}
				m.to = m.from.AddDate(1, 0, 0)
				return m, true
			}
			month, end = mo, k
		}
	}
	if month == 0 {
		if month = n; n < 1 || n > 12 {
			month = 0
		}
	}
	if month > 0 && x.at(end) == '月' {
		after := end + 1
		if d, k, _, ok := x.numeral(after); ok && d >= 1 && d <= 31 {
			stop, _ := x.lit(k, "日", "号")
			if stop == 0 && year == 0 {
				// 11月25上午: without 日 a day must be followed by a part of it.
				if _, _, ok := x.period(k); !ok {
					return moment{}, false
				}
			}
			return x.calendarDay(year, month, d, max(stop, k))
		}
		if year == 0 {
			year = x.nearest(month, 15)
		}
		m := moment{from: time.Date(year, time.Month(month), 1, 0, 0, 0, 0, linli.Shanghai), end: after, rule: "month", day: true}
		m.to = m.from.AddDate(0, 1, 0)
		if e, w := x.lit(after, "上旬", "中旬", "下旬", "初", "底", "份"); e > 0 {
			m.end = e
			switch w {
			case "上旬", "初":
				m.to = m.from.AddDate(0, 0, 10)
			case "中旬":
				m.from, m.to = m.from.AddDate(0, 0, 10), m.from.AddDate(0, 0, 20)
			case "下旬", "底":
				m.from = m.from.AddDate(0, 0, 20)
			}
		}
		return m, true
	}
	// 25号 alone is a house number as often as a day: a part of the day decides.
	if !chinese && n >= 1 && n <= 31 {
		if e, _ := x.lit(end, "号", "日"); e > 0 {
			_, _, part := x.period(e)
			if k, _ := x.lit(e, "之前", "以前", "前"); part || k > 0 {
				day := x.midnight(0)
				for day.Day() != n {
					day = day.AddDate(0, 0, 1)
				}
				return moment{from: day, to: day.AddDate(0, 0, 1), end: e, rule: "date-day", day: true}, true
			}
		}
	}
	return moment{}, false
}

// calendarDay is a day of the calendar; without a year, of the year that brings
// it nearest to now.
func (x *reader) calendarDay(year, month, day, end int) (moment, bool) {
	if year == 0 {
		year = x.nearest(month, day)
	}
	from := time.Date(year, time.Month(month), day, 0, 0, 0, 0, linli.Shanghai)
	if from.Day() != day {
		return moment{}, false // 2月30日
	}
	return moment{from: from, to: from.AddDate(0, 0, 1), end: end, rule: "date", day: true}, true
}

func (x *reader) nearest(month, day int) int {
	best := x.now.Year()
	gap := func(year int) time.Duration {
		return time.Date(year, time.Month(month), day, 12, 0, 0, 0, linli.Shanghai).Sub(x.now).Abs()
	}
	for _, y := range []int{best + 1, best - 1} {
		if gap(y) < gap(best) {
			best = y
		}
	}
	return best
}
