package resident

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"linli"
	"linli/decide/calendar"
)

func TestIdentityNumbersOfTheStandardPass(t *testing.T) {
	t.Parallel()
	for no, want := range map[string]idCard{
		"11010519491231002X": {"11010519491231002X", "1949-12-31", 2},
		"11010519491231002x": {"11010519491231002X", "1949-12-31", 2},
		"440524188001010014": {"440524188001010014", "1880-01-01", 1},
		"990001195203070016": {"990001195203070016", "1952-03-07", 1},
		"990001201506010027": {"990001201506010027", "2015-06-01", 2},
		"110105491231002":    {"11010519491231002X", "1949-12-31", 2}, // 15 digits of an old card
	} {
		if got, err := parseID(no); err != nil || got != want {
			t.Errorf("%s: %+v %v, want %+v", no, got, err, want)
		}
	}
	for _, no := range []string{"", "1101051949123100", "110105194912310021", "11010519491331002X", "00010519491231002X", "1101051949123100XX", "１１0105194912310", "11010549123100X"} {
		if card, err := parseID(no); err == nil {
			t.Errorf("%q passes as %+v", no, card)
		}
	}
}

func TestAnyWrongOrSwappedDigitOfAnIdentityNumberIsNoticed(t *testing.T) {
	t.Parallel()
	check := func(seed uint64) bool {
		r := rand.New(rand.NewPCG(seed, 7))
		no := fmt.Sprintf("990001%04d%02d%02d%03d", 1900+r.IntN(120), 1+r.IntN(12), 1+r.IntN(28), r.IntN(1000))
		no += string(checkDigit(no))
		if card, err := parseID(no); err != nil || card.No != no {
			return false
		}
		b := []byte(no)
		i := r.IntN(17)
		b[i] = '0' + (b[i]-'0'+byte(1+r.IntN(9)))%10
		if _, err := parseID(string(b)); err == nil {
			return false
		}
		b = []byte(no)
		if i = r.IntN(16); b[i] != b[i+1] {
			b[i], b[i+1] = b[i+1], b[i]
			if _, err := parseID(string(b)); err == nil {
				return false
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 2000}); err != nil {
		t.Error(err)
	}
}

func TestDatesAreReadAsPeopleAndSpreadsheetsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"20240101": "2024-01-01", "2024.1.1": "2024-01-01", "2024-1-1": "2024-01-01", "2024/01/01": "2024-01-01",
		"2024年1月1日": "2024-01-01", "２０２４年１月１日": "2024-01-01", "2024-01-01 00:00:00": "2024-01-01", "2024-01-01T08:30:00": "2024-01-01",
		"45292": "2024-01-01", "45292.5": "2024-01-01", "18994": "1952-01-01", "2024年1月1号": "2024-01-01", " 1952.03.07 ": "1952-03-07", "60": "1900-02-28",
	} {
		if got, err := parseDate(text, false); err != nil && want != "" || got != want && text != "60" {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
	if got, err := parseDate("43830", true); err != nil || got != "2024-01-01" {
		t.Errorf("a count from 1904: %q %v", got, err)
	}
	for _, text := range []string{"", "1952", "1952.3", "1952年3月", "20241301", "2024-02-30", "2024.13.1", "52.3.7", "3/7/1952", "明天", "1e5", "Inf", "NaN", "0x10", "99999999", "-45292", "1952-3-7-1"} {
		if got, err := parseDate(text, false); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestEveryDayIsReadBackFromEveryFormItIsWrittenIn(t *testing.T) {
	t.Parallel()
	epoch := calendar.NewDate(1899, time.December, 30)
	check := func(n uint16) bool {
		d := calendar.NewDate(1905, time.August, 1).AddDays(int(n)) // day counts from 2040 on are not years
		if d.Year > 2098 {
			return true
		}
		forms := []string{
			d.String(), fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day), fmt.Sprintf("%d.%d.%d", d.Year, d.Month, d.Day),
			fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day), fmt.Sprintf("%d/%d/%d", d.Year, d.Month, d.Day),
		}
		if count := d.Sub(epoch); count >= 2100 {
			forms = append(forms, fmt.Sprint(count))
		}
		for _, f := range forms {
			if got, err := parseDate(f, false); err != nil || got != d.String() {
				t.Logf("%s: %s %v", f, got, err)
				return false
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 3000}); err != nil {
		t.Error(err)
	}
}

func TestPhonesAreEvenedOutOrRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"13800138000": "13800138000", "138-0013-8000": "13800138000", "+86 13800138000": "13800138000", "8613800138000": "13800138000",
		"00012345678": "00012345678", "0571-87654321": "057187654321", "021 6321 0000": "02163210000", "63210000": "63210000",
		"13800138000/63210000": "13800138000", "（021）63210000": "02163210000",
	} {
		if got, err := parsePhone(text); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "/", "1380013800", "12345678901", "138001380001", "电话", "1.38E+10", "110"} {
		if got, err := parsePhone(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestNumbersWhoseDigitsASpreadsheetThrewAwayAreNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		numeric bool
		lost    bool
	}{
		{"1.10105E+17", false, true}, {"1.10105E+17", true, true}, {"110105194912310000", true, true}, {"11010519491231002X", false, false},
		{"110105194912310021", false, false}, {"1.38E+10", false, true}, {"1.3800138E10", true, false}, {"1.3800138000E+10", false, false},
		{"13800138000", true, false}, {"E", false, false}, {"3E", false, false}, {"", false, false},
	} {
		if got := lostDigits(c.text, c.numeric); got != c.lost {
			t.Errorf("%q numeric=%v: lost=%v, want %v", c.text, c.numeric, got, c.lost)
		}
	}
}

func TestPeopleAreAddressedWithoutTheirGivenName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		sex, age int
		want     string
	}{
		{"张三", 1, 80, "张先生"}, {"欧阳娜", 2, 30, "欧阳女士"}, {"欧阳", 2, 30, "欧女士"}, {"李小明", 1, 8, "李小朋友"}, {"王五", 0, -1, "王某"},
		{"𠮷田", 1, 50, "𠮷先生"}, {"John Smith", 1, 40, "John先生"}, {"", 1, 3, ""},
	} {
		if got := title(c.name, c.sex, c.age); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRareCharactersOfNamesSurviveAndNonsenseDoesNot(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"张　三": "张三", "𠮷𡈽𬱖": "𠮷𡈽𬱖", "阿卜杜拉·买买提": "阿卜杜拉·买买提", " John   Smith ": "John Smith", "\ue863某": "\ue863某"} {
		if got, err := parseName(evenText(text)); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "123", "张三1", "·", "张\uFFFD", strings.Repeat("长", 41)} {
		if got, err := parseName(text); err == nil {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}

func TestAgesAndBirthdaysAgree(t *testing.T) {
	t.Parallel()
	today := calendar.NewDate(2026, time.March, 2)
	for birth, want := range map[string]int{"1946-03-02": 80, "1946-03-03": 79, "1946-03-01": 80, "2026-03-01": 0, "": -1} {
		if got := age(birth, today); got != want {
			t.Errorf("%s: %d, want %d", birth, got, want)
		}
	}
	if got := bornBefore(80, today); got != "1946-03-02" {
		t.Error(got)
	}
}

func TestTheSeedsAreWhole(t *testing.T) {
	t.Parallel()
	if len(codes.Groups) != 16 || len(codes.Purposes) == 0 {
		t.Errorf("%d groups, %d purposes", len(codes.Groups), len(codes.Purposes))
	}
	for _, s := range codes.Scales {
		for score := 0; score <= s.Max; score++ {
			if _, ok := s.grade(score); !ok {
				t.Errorf("score %d of %s has no grade", score, s.Code)
			}
		}
	}
	for f := range headers {
		if _, ok := headerWords[evenHeader(string(headers[f][0]))]; !ok {
			t.Errorf("header words of %s are lost", f)
		}
	}
	groups, unknown := parseGroups("独居、80岁以上；失能,低保户 跳广场舞")
	if d := cmp.Diff([]any{[]string{"alone-elder", "disabled-elder", "low-income"}, []string{"跳广场舞"}}, []any{groups, unknown}); d != "" {
		t.Error(d)
	}
}

func TestAddressesResolveAsDeepAsTheRegisterKnows(t *testing.T) {
	t.Parallel()
	const grid = "990001001001/001"
	a := newAddresses([]linli.NamedPlace{
		{Name: "外滩小区", Place: grid + "/e001"}, {Name: "外滩小区二期", Place: grid + "/e002"},
		{Name: "3号楼", Place: grid + "/e001/b0003"}, {Name: "3号楼", Place: grid + "/e002/b0013"}, {Name: "13号楼", Place: grid + "/e001/b0004"},
		{Name: "中山路12号", Place: grid + "/e001/b0005"}, {Name: "中山路1号", Place: grid + "/e001/b0006"},
		{Name: "别的小区", Place: "990001001002/001/e001"},
	}, "990001001001")
	for text, want := range map[string]linli.Place{
		"外滩小区3号楼2单元302室":      grid + "/e001/b0003/2/302",
		"上海市 外滩小区 ３幢 二单元 302": grid + "/e001/b0003/2/302",
		"外滩小区3-2-302":         grid + "/e001/b0003/2/302",
		"外滩小区13号楼501":         grid + "/e001/b0004/1/501",
		"外滩小区二期3号楼1单元101室":    grid + "/e002/b0013/1/101",
		"外滩小区99号楼1单元101室":     grid + "/e001",
		"中山路12号601室":          grid + "/e001/b0005/1/601",
		"中山路1号":               grid + "/e001/b0006",
		"外滩小区":                grid + "/e001",
		"外滩小区3号楼2单元302室（租）":   grid + "/e001/b0003",
	} {
		if got, ok := a.find(written{address: text}, "990001001001"); !ok || got != want {
			t.Errorf("%s: %s %v, want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"别的小区1号楼", "中山路123号", "南京路", ""} {
		if got, ok := a.find(written{address: text}, "990001001001"); ok {
			t.Errorf("%s is read as %s", text, got)
		}
	}
	if got, ok := a.find(written{estate: "外滩小区", building: "3", unit: "2", room: "302"}, grid); !ok || got != grid+"/e001/b0003/2/302" {
		t.Errorf("columns: %s %v", got, ok)
	}
	for _, text := range []string{"3-2-302", "3号楼2单元302室"} {
		if got, ok := a.find(written{address: text}, grid+"/e001"); !ok || got != grid+"/e001/b0003/2/302" {
			t.Errorf("%s within the estate of the import: %s %v", text, got, ok)
		}
	}
}

func FuzzCellParsersNeverPanicAndAgreeWithThemselves(f *testing.F) {
	for _, s := range []string{"", "11010519491231002X", "2024年1月1日", "45292", "１３８００１３８０００", "1.10105E+17", "张　三", "外滩小区3-2-302", "\xff\x00", "2024.2.30", "𠮷", "a.b.c.d"} {
		f.Add(s)
	}
	known := newAddresses([]linli.NamedPlace{{Name: "外滩小区", Place: "990001001001/001/e001"}, {Name: "3号楼", Place: "990001001001/001/e001/b0003"}}, "990001001001")
	f.Fuzz(func(t *testing.T, s string) {
		text := evenText(s)
		if evenText(text) != text {
			t.Errorf("%q is not even after evening out", text)
		}
		if card, err := parseID(text); err == nil {
			if again, err := parseID(card.No); err != nil || again != card {
				t.Errorf("%q: %+v, then %+v %v", text, card, again, err)
			}
		}
		if d, err := parseDate(text, false); err == nil {
			if again, err := parseDate(d, false); err != nil || again != d {
				t.Errorf("%q: %s, then %s %v", text, d, again, err)
			}
		}
		if p, err := parsePhone(text); err == nil {
			if again, err := parsePhone(p); err != nil || again != p {
				t.Errorf("%q: %s, then %s %v", text, p, again, err)
			}
		}
		if n, err := parseName(text); err == nil {
			if again, err := parseName(n); err != nil || again != n {
				t.Errorf("%q: %s, then %s %v", text, n, again, err)
			}
			title(n, 1, 50)
		}
		if p, ok := known.find(written{address: text}, "990001001001"); ok && !p.Valid() {
			t.Errorf("%q resolves to %q", text, p)
		}
		lostDigits(text, true)
		plainNumber(text)
		parseGroups(text)
		parseRelation(text)
		evenHeader(text)
	})
}
