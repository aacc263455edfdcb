package text

import (
	"testing"
	"time"

	"linli"
)

// now is Wednesday, 2026-11-25, 10:00 in Shanghai.
var testNow = time.Date(2026, 11, 25, 10, 0, 0, 0, linli.Shanghai)

func window(from, to string) linli.Window {
	read := func(s string) time.Time {
		if s == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation("2006-01-02 15:04", s, linli.Shanghai)
		if err != nil {
			panic(err)
		}
		return t
	}
	return linli.Window{From: read(from), To: read(to)}
}

func TestWishesAreReadAsIntervalsInShanghai(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ said, from, to string }{
		{"明天上午来修水管", "2026-11-26 08:00", "2026-11-26 12:00"},
		{"想约后天下午三点半上门", "2026-11-27 15:30", "2026-11-27 16:00"},
		{"周三晚上能来吗", "2026-11-25 18:00", "2026-11-25 22:00"},
		{"周二下午方便的话请来", "2026-12-01 13:00", "2026-12-01 18:00"},
		{"下周三需要助浴", "2026-12-02 00:00", "2026-12-03 00:00"},
		{"星期天上午请人来打扫", "2026-11-29 08:00", "2026-11-29 12:00"},
		{"周末要人陪诊", "2026-11-28 00:00", "2026-11-30 00:00"},
		{"下周末要人陪诊", "2026-12-05 00:00", "2026-12-07 00:00"},
		{"11月27日上午预约体检", "2026-11-27 08:00", "2026-11-27 12:00"},
		{"请于２０２６年１２月１日来", "2026-12-01 00:00", "2026-12-02 00:00"},
		{"2026-12-01 9:30 上门", "2026-12-01 09:30", "2026-12-01 10:00"},
		{"1月3号需要接送", "2027-01-03 00:00", "2027-01-04 00:00"},
		{"今晚8点能不能来", "2026-11-25 20:00", "2026-11-25 20:30"},
		{"今晚送饭", "2026-11-25 18:00", "2026-11-25 22:00"},
		{"明早7点半送来", "2026-11-26 07:30", "2026-11-26 08:00"},
		{"明天中午12点送餐", "2026-11-26 12:00", "2026-11-26 12:30"},
		{"明天中午一点送餐", "2026-11-26 13:00", "2026-11-26 13:30"},
		{"明天8点到10点在家", "2026-11-26 08:00", "2026-11-26 10:00"},
		{"明天下午2:00-4:00在家", "2026-11-26 14:00", "2026-11-26 16:00"},
		{"明天3点来", "2026-11-26 15:00", "2026-11-26 15:30"},
		{"周五前帮忙修好", "2026-11-25 10:00", "2026-11-28 00:00"},
		{"明天下午三点前送到", "2026-11-25 10:00", "2026-11-26 15:00"},
		{"明天下午三点以后来", "2026-11-26 15:00", "2026-11-27 00:00"},
		{"明天上午十点左右来", "2026-11-26 09:30", "2026-11-26 10:30"},
		{"三天内请解决", "2026-11-25 10:00", "2026-11-28 10:00"},
		{"半小时内来人", "2026-11-25 10:00", "2026-11-25 10:30"},
		{"两天后再来", "2026-11-27 00:00", "2026-11-28 00:00"},
		{"2小时后来", "2026-11-25 12:00", "2026-11-25 12:30"},
		{"月底前要办好", "2026-11-25 10:00", "2026-12-01 00:00"},
		{"下个月5号上门", "2026-12-05 00:00", "2026-12-06 00:00"},
		{"28号上午来", "2026-11-28 08:00", "2026-11-28 12:00"},
		{"下午能来吗", "2026-11-25 13:00", "2026-11-25 18:00"},
		{"早上来", "2026-11-26 06:00", "2026-11-26 09:00"},
		{"11月27日至29日需要喘息服务", "2026-11-27 00:00", "2026-11-30 00:00"},
		{"明天晚上12点前", "2026-11-25 10:00", "2026-11-27 00:00"},
		// stories, habits and quantities are no wishes
		{"昨天晚上停水了", "", ""},
		{"上周三晚上有人打架", "", ""},
		{"每天晚上施工到十二点，无法休息", "", ""},
		{"一周三次的班次太少", "", ""},
		{"快一点处理", "", ""},
		{"我有三点建议", "", ""},
		{"2015年购买的房子", "", ""},
		{"从前天开始就没有水", "", ""},
		{"住在12号楼", "", ""},
		{"", "", ""},
	} {
		got := Extract(Doc{Body: c.said}, nil, testNow)
		if want := window(c.from, c.to); !got.Wish.From.Equal(want.From) || !got.Wish.To.Equal(want.To) {
			t.Errorf("%s: wish %v to %v, want %s to %s; spans %+v", c.said, got.Wish.From, got.Wish.To, c.from, c.to, got.Spans)
		}
	}
}

func testGazetteer(t testing.TB) *Gazetteer {
	g, err := NewGazetteer([]Name{
		{"阳光花园", "990001001001/001/sunny"},
		{"阳光花园小区", "990001001001/001/sunny"},
		{"外滩小区", "990001001001/003/bund"},
		{"中山东一路", "990001001001/003"},
		{"福州路", "990001001001/003"},
		{"幸福里", "990001001001/001/xingfu"},
		{"幸福里", "990001001002/002/xingfu"},
		{"第二社区", "990001001002"},
		{"阳光花园3号楼", "990001001001/001/sunny/3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAddressesBecomePlaces(t *testing.T) {
	t.Parallel()
	g := testGazetteer(t)
	for _, c := range []struct {
		said  string
		place linli.Place
		parts Address
	}{
		{"阳光花园12栋2单元302室漏水", "990001001001/001/sunny/12/2/302", Address{Estate: "阳光花园", Building: "12", Entrance: "2", Dwelling: "302"}},
		{"阳光花园１２栋２单元３０２", "990001001001/001/sunny/12/2/302", Address{Estate: "阳光花园", Building: "12", Entrance: "2", Dwelling: "302"}},
		{"阳光花园十二号楼二单元三〇二室", "990001001001/001/sunny/12/2/302", Address{Estate: "阳光花园", Building: "12", Entrance: "2", Dwelling: "302"}},
		{"阳光花园小区 12 幢", "990001001001/001/sunny/12", Address{Estate: "阳光花园小区", Building: "12"}},
		{"我家住外滩小区3-2-302，电话13800000000", "990001001001/003/bund/3/2/302", Address{Estate: "外滩小区", Building: "3", Entrance: "2", Dwelling: "302"}},
		{"外滩小区A座1803", "990001001001/003/bund/A", Address{Estate: "外滩小区", Building: "A", Dwelling: "1803"}},
		{"福州路120号302室", "990001001001/003", Address{Estate: "福州路", Road: "福州路", Number: "120号", Dwelling: "302"}},
		{"阳光花园3号楼1单元501", "990001001001/001/sunny/3/1/501", Address{Estate: "阳光花园3号楼", Entrance: "1", Dwelling: "501"}},
		{"幸福里6栋", "", Address{Building: "6"}},
		{"第二社区幸福里6栋", "990001001002/002/xingfu/6", Address{Estate: "幸福里", Building: "6"}},
		{"住在魏家坡小区17栋3楼", "", Address{Estate: "魏家坡小区", Building: "17", Floor: "3"}},
		{"书院路88号门口", "", Address{Road: "书院路", Number: "88号"}},
		{"延安东路100弄5号302室", "", Address{Road: "延安东路", Number: "100弄", Building: "5", Dwelling: "302"}},
		{"这一栋楼的两个单元都停水", "", Address{}},
		{"我们小区三室一厅的房子", "", Address{}},
	} {
		got := Extract(Doc{Body: c.said}, g, testNow)
		if got.Place != c.place || got.Address != c.parts {
			t.Errorf("%s: %q %+v, want %q %+v", c.said, got.Place, got.Address, c.place, c.parts)
		}
	}
}

func TestPersonsPhonesAndCountsAreFound(t *testing.T) {
	t.Parallel()
	type small struct {
		Kind   Kind
		Text   string
		Value  string
		Number float64
	}
	for _, c := range []struct {
		said string
		want []small
	}{
		{"我妈82岁，电话 138 0000 0000", []small{{KindRole, "我妈", "mother", 0}, {KindAge, "82岁", "82", 82}, {KindPhone, "138 0000 0000", "13800000000", 0}}},
		{"独居老人八十多岁", []small{{KindRole, "独居老人", "elder", 0}, {KindAge, "八十多岁", "80", 80}}},
		{"年近八旬的奶奶", []small{{KindAge, "八旬", "80", 80}, {KindRole, "奶奶", "grandmother", 0}}},
		{"６个月大的宝宝", []small{{KindAge, "６个月大", "0.5", .5}, {KindRole, "宝宝", "infant", 0}}},
		{"座机0731-12345678", []small{{KindPhone, "0731-12345678", "073112345678", 0}}},
		{"138****0000", []small{{KindPhone, "138****0000", "138****0000", 0}}},
		{"30户人家，停了3天", []small{{KindCount, "30户", "户", 30}, {KindCount, "3天", "天", 3}}},
		{"身份证11010519491231002X", []small{{KindIdentity, "11010519491231002X", "11010519491231002x", 0}}},
		{"302 13800000000", []small{{KindPhone, "13800000000", "13800000000", 0}}},
	} {
		var got []small
		for _, s := range Extract(Doc{Body: c.said}, nil, testNow).Spans {
			got = append(got, small{s.Kind, s.Text, s.Value, s.Number})
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %+v, want %+v", c.said, got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %+v, want %+v", c.said, got[i], c.want[i])
			}
		}
	}
}

func TestDangerAlwaysCallsAHuman(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		said  string
		level int
		human bool
		soon  bool
	}{
		{"我妈在家跌倒了起不来", 3, true, false},
		{"闻到煤气味", 3, true, false},
		{"换煤气罐怎么收费", 2, true, false},
		{"想装扶手，怕老人摔倒", 2, true, false},
		{"他说不想活了", 3, true, false},
		{"电梯困人，快来人", 3, true, false},
		{"家里停水了，马上处理", 2, false, true},
		{"请尽快修路灯", 1, false, true},
		{"想学书法，不急", 0, false, false},
		{"想学书法", 1, false, false},
		{"不急，但是老人摔倒了", 3, true, false},
		{"", 1, false, false},
	} {
		got := Extract(Doc{Body: c.said}, nil, testNow)
		if got.Urgency.Level != c.level || got.Urgency.Human != c.human || got.Soon != c.soon {
			t.Errorf("%s: level %d human %v soon %v, want %d %v %v", c.said, got.Urgency.Level, got.Urgency.Human, got.Soon, c.level, c.human, c.soon)
		}
	}
}
