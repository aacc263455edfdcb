package resident

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// made fabricates an identity number with a right check digit.
func made(birth string, seq int) string {
	no := "990001" + birth + fmt.Sprintf("%03d", seq)
	return no + string(checkDigit(no))
}

// dirty is a register as streets keep them: a title, headers merged over two rows,
// numbers stored as numbers, dates in every form, and blanks that are no blanks.
func dirty(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	const sheet = "Sheet1"
	set := func(cell string, v any) {
		if err := f.SetCellValue(sheet, cell, v); err != nil {
			t.Fatal(err)
		}
	}
	merge := func(from, to string) {
		if err := f.MergeCell(sheet, from, to); err != nil {
			t.Fatal(err)
		}
	}
	set("A1", "外滩社区独居老人紧急联系人登记表")
	merge("A1", "K1")
	for cell, v := range map[string]string{
		"A2": "序号", "B2": "姓 名*", "C2": "公民身份号码", "D2": "性别", "E2": "出生年月\n（阳历）", "F2": "联系电话", "G2": "家庭住址", "H2": "人员类别", "I2": "紧急联系人", "K2": "是否低保", "L2": "备注",
		"I3": "姓名", "J3": "电话",
	} {
		set(cell, v)
	}
	for _, c := range []string{"A", "B", "C", "D", "E", "F", "G", "H", "K", "L"} {
		merge(c+"2", c+"3")
	}
	merge("I2", "J2")
	rows := [][]any{
		{1, "张　建军", made("19520307", 1), "男", "19520307", "１３８００１３８０００", "外滩小区3号楼2单元302室", "独居、80岁以上", "张小妹", "13900139000", "是", ""},
		{2, "王秀兰 ", "", "女", "1945.1.1", 13800138001, "外滩小区3-1-101", "空巢", "/", "无", "否", "-"},
		{3, "李国强", 990001194001010000, "男", "1940年1月1日", "/", "外滩小区4号楼501", "-", "", "", "", ""},            // a number: digits are gone
		{4, "赵六", made("19600101", 5), "女", "", "", "外滩小区99号楼1单元101", "跳舞队", "", "", "", ""},                // sex differs from the number
		{5, "", made("19600101", 7), "", "", "", "", "", "", "", "", ""},                                    // no name
		{6, "孙七", "", "男", 16072, "138001", "老弄堂8号", "失能", "", "", "", ""},                                  // a day count; a bad phone
		{7, "𠮷田𬱖", "", "", "2026-13-01", "", "", "", "", "", "", ""},                                        // no such month
		{8, "周八", made("19470812", 3), "", 17391, "0571-87654321", "外滩小区99号楼1单元101", "无", "周小", "", "", ""}, // unknown building, contact without phone
		{"", "", "", "", "", "", "", "", "", "", "", "   "},
		{9, "周八", made("19470812", 3), "", "", "", "", "", "", "", "", ""}, // the same person again
		{"合计", "9人", "", "", "", "", "", "", "", "", "", ""},
		{"填表人：小王", "", "", "", "", "", "", "", "", "", "", ""},
	}
	for i, row := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+4), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (h *house) load(file string, raw []byte) Report {
	h.t.Helper()
	h.clock.Add(1000)
	r, err := h.s.Import(h.t.Context(), h.as("steward"), region, file, raw)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// counts is the part of a report that a clerk reads first.
func counts(r Report) [6]int {
	return [6]int{r.Rows, r.Created, r.Updated, r.Unchanged, r.Failed, r.Skipped}
}

func TestADirtyRegisterIsReadAndEveryBadCellIsNamed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		raw := dirty(t)
		r := h.load("独居老人.xlsx", raw)
		if got, want := counts(r), [6]int{9, 3, 0, 0, 6, 3}; got != want {
			t.Errorf("rows, created, updated, unchanged, failed, skipped: %v, want %v", got, want)
		}
		var cells []string
		for _, p := range r.Problems {
			kind := "warns"
			if p.Fatal {
				kind = "fails"
			}
			cells = append(cells, fmt.Sprintf("%s %s: %s", p.Cell, kind, p.Zh))
			if p.En == "" || strings.ContainsAny(p.Zh+p.En, "赵周孙") || strings.Contains(p.Zh+p.En, "9900") {
				t.Errorf("a problem repeats the cell or lacks a language: %+v", p)
			}
		}
		want := []string{
			"C6 fails: 号码被表格改成了科学计数，后几位已丢失，请把该列设为文本后重填",
			"D7 fails: 性别与身份证号不一致",
			"G7 warns: 没对上楼栋，先按文字地址登记",
			"H7 warns: 有认不出的人员类别，已略过",
			"B8 fails: 没有姓名",
			"F9 fails: 电话号码不对，请核对",
			"G9 warns: 没对上楼栋，先按文字地址登记",
			"E10 fails: 没有这一天，请核对日期",
			"G11 warns: 没对上楼栋，先按文字地址登记",
			"I11 warns: 紧急联系人要有姓名和电话，已略过",
			"C13 fails: 与 C11 的身份证号重复",
		}
		if d := cmp.Diff(want, cells); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]string{"序号", "备注"}, r.Ignored); d != "" {
			t.Error(d)
		}

		type row struct{ Name, Birth, Phone, Place, Door, Groups, Contact string }
		var got []row
		for _, x := range items(h.ok("steward", "GET", "/api/v1/residents", nil)) {
			id := x["id"].(string)
			full := h.ok("steward", "GET", "/api/v1/residents/"+id, nil).body
			one := row{Name: full["name"].(string), Place: full["place"].(string), Groups: fmt.Sprint(full["groups"])}
			one.Birth, _ = full["birth"].(string)
			one.Phone, _ = full["phone"].(string)
			one.Door, _ = full["door"].(string)
			if c := full["contacts"].([]any); len(c) == 1 {
				one.Contact = fmt.Sprint(c[0].(map[string]any)["name"], c[0].(map[string]any)["phone"])
			}
			got = append(got, one)
		}
		people := []row{
			{"周八", "1947-08-12", "057187654321", string(estate), "外滩小区99号楼1单元101", "[]", ""},
			{"王秀兰", "1945-01-01", "13800138001", string(building) + "/1/101", "外滩小区3号楼1单元101室", "[advanced-age empty-nest]", ""},
			{"张建军", "1952-03-07", "13800138000", string(home), "外滩小区3号楼2单元302室", "[alone-elder]", "张小妹13900139000"},
		}
		for i := range got {
			got[i].Groups = strings.ReplaceAll(got[i].Groups, "empty-nest advanced-age", "advanced-age empty-nest")
		}
		if d := cmp.Diff(people, got); d != "" {
			t.Error(d)
		}
		if list := items(h.ok("duty", "GET", "/api/v1/residents?group=low-income&reason=节日慰问名单", nil)); len(list) != 1 {
			t.Errorf("是否低保 was not read: %v", list)
		}

		again := h.load("独居老人.xlsx", raw)
		if got, want := counts(again), [6]int{9, 0, 0, 3, 6, 3}; got != want {
			t.Errorf("the same file again: %v, want %v", got, want)
		}
		if d := cmp.Diff(r.Problems, again.Problems); d != "" {
			t.Error(d)
		}
		list := items(h.ok("steward", "GET", "/api/v1/resident-imports", nil))
		if len(list) != 2 || list[0]["id"] != again.ID || list[0]["unchanged"] != 3.0 {
			t.Errorf("reports: %v", list)
		}
		if one := h.ok("steward", "GET", "/api/v1/resident-imports/"+r.ID, nil).body; len(one["problems"].([]any)) != len(want) {
			t.Errorf("report: %v", one)
		}
	})
}

const plain = "姓名,身份证号,出生日期,手机号,住址\r\n" +
	"钱多多,%s,,13800138002,外滩小区3号楼1单元201室\r\n" +
	"\r\n" +
	"\"何\n田\",,1950-01-02,,外滩小区3号楼1单元202室\r\n" +
	"冯错,1.10105E+17,,,\r\n"

func TestTextFilesAreReadInEveryEncodingWithTheRowNumbersOfASpreadsheet(t *testing.T) {
	text := fmt.Sprintf(plain, made("19550505", 9))
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	utf16 := []byte{0xff, 0xfe}
	for _, r := range text {
		utf16 = append(utf16, byte(r), byte(r>>8))
	}
	files := map[string][]byte{
		"utf8": []byte(text), "utf8-bom": []byte("\xef\xbb\xbf" + text), "gb18030": []byte(gb), "gb18030-bom": []byte("\x84\x31\x95\x33" + gb),
		"utf16": utf16, "tabs": []byte(strings.ReplaceAll(text, ",", "\t")), "semicolons": []byte(strings.ReplaceAll(text, ",", ";")), "lf": []byte(strings.ReplaceAll(text, "\r\n", "\n")),
	}
	each(t, func(t *testing.T, h *house) {
		created := 2
		for name, raw := range files {
			r := h.load(name+".csv", raw)
			want := [6]int{3, created, 0, 2 - created, 1, 1}
			if got := counts(r); got != want || len(r.Problems) != 1 || r.Problems[0].Cell != "B5" || r.Problems[0].Row != 5 {
				t.Errorf("%s: %v, want %v, %+v", name, got, want, r.Problems)
			}
			created = 0 // the same content in another dress is the same content
		}
	})
}

func TestAChangedRowUpdatesOnlyWhatItSays(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := made("19550505", 9)
		h.load("a.csv", []byte("姓名,身份证号,电话,健康状况,住址\n钱多多,"+id+",13800138002,糖尿病,外滩小区3号楼1单元201室\n"))
		r := h.load("b.csv", []byte("姓名,身份证号,电话,健康状况\n钱多多,"+id+",13800138003,\n"))
		if got, want := counts(r), [6]int{1, 0, 1, 0, 0, 0}; got != want {
			t.Errorf("%v, want %v", got, want)
		}
		x := items(h.ok("grid", "GET", "/api/v1/residents?q=8003", nil))
		if len(x) != 1 || x[0]["place"] != string(region)+"/001/e001/b0003/1/201" {
			t.Fatalf("%v", x)
		}
		care := h.ok("grid", "POST", "/api/v1/residents/"+x[0]["id"].(string)+"/reveal", map[string]any{"reason": "核对导入"}).body["care"].(map[string]any)
		if care["health"] != "糖尿病" {
			t.Errorf("an empty cell erased what was known: %v", care)
		}
		// A clerk finds the building of a vague address; the next file leaves it.
		h.load("v.csv", []byte("姓名,出生日期,住址\n冯一,1950-01-02,大树旁\n"))
		vague := items(h.ok("steward", "GET", "/api/v1/residents?q=大树", nil))[0]
		h.ok("steward", "PATCH", "/api/v1/residents/"+vague["id"].(string), map[string]any{"place": string(home), "id_no": made("19500102", 4)}, "If-Match", fmt.Sprintf(`"%v"`, vague["rev"]))
		h.load("v.csv", []byte("姓名,身份证号,住址,电话\n冯一,"+made("19500102", 4)+",大树旁,13800138009\n"))
		if x := items(h.ok("steward", "GET", "/api/v1/residents?q=8009", nil)); len(x) != 1 || x[0]["place"] != string(home) {
			t.Errorf("%v", x)
		}
		// Somebody who had no number gets one: the same person.
		h.load("c.csv", []byte("姓名,出生日期,住址\n何田,1950-01-02,外滩小区3号楼1单元202室\n"))
		r = h.load("d.csv", []byte("姓名,出生日期,住址,身份证号\n何田,1950-01-02,外滩小区3号楼1单元202室,"+made("19500102", 2)+"\n"))
		if got, want := counts(r), [6]int{1, 0, 1, 0, 0, 0}; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestPeopleOfOneDwellingOrHouseholdNumberAreOneHousehold(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.load("a.csv", []byte("户号,姓名,与户主关系,住址\n"+
			"100,甲一,户主,外滩小区3号楼1单元201室\n100,甲二,妻子,外滩小区3号楼1单元201室\n200,乙一,本人,老弄堂8号\n200,乙二,长子,老弄堂8号\n,丙一,户主,外滩小区3号楼1单元202室\n,丙二,女儿,外滩小区3号楼1单元202室\n"))
		var got []string
		for _, x := range items(h.ok("grid", "GET", "/api/v1/households", nil)) {
			members := []string{}
			for _, m := range x["members"].([]any) {
				members = append(members, m.(map[string]any)["name"].(string)+m.(map[string]any)["relation"].(string))
			}
			got = append(got, fmt.Sprint(x["number"], " ", members))
		}
		// The grid worker does not reach the household that is known only by community.
		if d := cmp.Diff([]string{"100 [甲一02 甲二10]", "<nil> [丙一02 丙二30]"}, got); d != "" {
			t.Error(d)
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_household`); n != 3 {
			t.Errorf("%d households, want 3", n)
		}
	})
}

func TestAnImportNeverReachesBeyondTheArea(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := made("19550505", 9)
		h.ok("far", "POST", "/api/v1/residents", map[string]any{"name": "钱多多", "id_no": id, "place": string(foreign)})
		r := h.load("a.csv", []byte("姓名,身份证号,地点编码\n钱多多,"+id+",\n何田,,"+string(foreign)+"\n"))
		if got, want := counts(r), [6]int{2, 0, 0, 0, 2, 0}; got != want {
			t.Errorf("%v, want %v: %+v", got, want, r.Problems)
		}
		if _, err := h.s.Import(t.Context(), h.as("steward"), foreign, "a.csv", []byte("姓名\n某人\n")); linli.KindOf(err) != linli.KindForbidden {
			t.Errorf("into another area: %v", err)
		}
		for who, want := range map[string]int{"grid": 403, "viewer": 403, "": 401} {
			if r := h.call(who, "POST", "/api/v1/resident-imports?place="+string(region), "姓名\n某人\n"); r.status != want {
				t.Errorf("%s: %d, want %d", who, r.status, want)
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_person`); n != 1 {
			t.Errorf("%d people", n)
		}
	})
}

func TestFilesThatAreNoneAreRefusedInWords(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		zeros := make([]byte, 1<<20)
		for range 64 {
			if _, err := w.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	good := dirty(t)
	// Rows of one cell at the far right: a small file that fills the memory when every
	// row is laid out to its full width.
	wide := swapped(t, good, "xl/worksheets/sheet1.xml", func(w io.Writer) {
		fmt.Fprint(w, `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
		for n := range 5 * maxRows {
			fmt.Fprintf(w, `<row r="%d"><c r="GR%d"><v>%d</v></c></row>`, n+1, n+1, n*7919)
		}
		fmt.Fprint(w, `</sheetData></worksheet>`)
	})
	files := map[string][]byte{
		"wide.xlsx": wide,
		"empty.csv": {}, "bomb.xlsx": bomb, "cut.xlsx": good[:len(good)/2], "old.xls": []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), "text.xlsx": []byte("姓名\n张三\n"),
		"binary.csv": {0x80, 0x00, 0xff, 0xfe, 0x81}, "noheader.csv": []byte("1,2,3\n4,5,6\n"), "zip.xlsx": []byte("PK\x03\x04 but not really"),
		"many.csv": []byte("姓名\n" + strings.Repeat("某某\n", maxRows+2)), "large.csv": bytes.Repeat([]byte("姓名,"), maxFile/7+1),
	}
	each(t, func(t *testing.T, h *house) {
		for name, raw := range files {
			r := h.call("steward", "POST", "/api/v1/resident-imports?place="+string(region)+"&filename="+name, raw)
			if r.status != 422 || r.body["field"] != "file" || r.body["message_zh"] == "" {
				t.Errorf("%s: %d %.300s", name, r.status, r.raw)
			}
		}
		if n := h.count(`SELECT COUNT(*) FROM resident_person`) + h.count(`SELECT COUNT(*) FROM resident_import`); n != 0 {
			t.Errorf("refused files left %d rows", n)
		}
	})
}

// swapped is a copy of a zip file with another content of one entry.
func swapped(t *testing.T, raw []byte, name string, content func(io.Writer)) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		if f.Name != name {
			if err := to.Copy(f); err != nil {
				t.Fatal(err)
			}
			continue
		}
		w, err := to.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		content(w)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFileMayComeAsAFormOrAsTheBody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var b bytes.Buffer
		form := multipart.NewWriter(&b)
		w, err := form.CreateFormFile("file", `C:\名单\居民.csv`)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, "姓名,手机\n某甲,13800138000\n")
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		r := h.ok("steward", "POST", "/api/v1/resident-imports?place="+string(region), b.Bytes(), "Content-Type", form.FormDataContentType())
		if r.body["created"] != 1.0 || r.body["file"] != "居民.csv" {
			t.Errorf("form: %s", r.raw)
		}
		r = h.ok("steward", "POST", "/api/v1/resident-imports?place="+string(region)+"&filename="+url.QueryEscape("居民.csv"), "姓名,手机\n某甲,13800138000\n", "Content-Type", "text/csv")
		if r.body["unchanged"] != 1.0 || r.body["file"] != "居民.csv" {
			t.Errorf("body: %s", r.raw)
		}
		if r := h.call("steward", "POST", "/api/v1/resident-imports?place="+string(region), []byte("--x\r\n"), "Content-Type", "multipart/form-data; boundary=x"); r.status != 422 {
			t.Errorf("broken form: %d %s", r.status, r.raw)
		}
		if r := h.call("steward", "POST", "/api/v1/resident-imports", "姓名\n某乙\n"); r.status != 422 || r.body["field"] != "place" {
			t.Errorf("without place: %d %s", r.status, r.raw)
		}
	})
}

func TestAnImportCutOffInTheMiddleIsSeenAndFinishedByTheNextTry(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var text strings.Builder
		text.WriteString("姓名,出生日期\n")
		for i := range 2*chunk + 10 {
			fmt.Fprintf(&text, "某%s,19500101\n", string(rune(0x4e00+i)))
		}
		// The store refuses the last chunk, as a full disk would.
		h.write(func(tx db.Tx) error {
			_, err := tx.Exec(`CREATE UNIQUE INDEX once ON resident_person (birth) WHERE name = '某` + string(rune(0x4e00+2*chunk+5)) + `'`)
			if err != nil {
				return err
			}
			_, err = h.s.Register(tx, auth.System, Draft{Name: ptr("某" + string(rune(0x4e00+2*chunk+5))), Birth: ptr("1950-01-01"), Place: ptr(foreign)})
			return err
		})
		r, err := h.s.Import(t.Context(), h.as("steward"), region, "a.csv", []byte(text.String()))
		if err == nil || r.Created != 2*chunk {
			t.Fatalf("%v %v", counts(r), err)
		}
		if one := h.ok("steward", "GET", "/api/v1/resident-imports/"+r.ID, nil).body; one["ended_at"] != nil {
			t.Errorf("an import that was cut off looks finished: %v", one)
		}
		h.write(func(tx db.Tx) error { _, err := tx.Exec(`DROP INDEX once`); return err })
		if got, want := counts(h.load("a.csv", []byte(text.String()))), [6]int{2*chunk + 10, 10, 0, 2 * chunk, 0, 0}; got != want {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func ptr[T any](v T) *T { return &v }

func FuzzSpreadsheetsNeverBreakTheReader(f *testing.F) {
	f.Add([]byte("姓名,身份证号\n张三,1.1E+17\n"))
	f.Add([]byte("\"姓\n名\"\t出生\n\"a\"\"b\"\t45292\n"))
	f.Add([]byte("\xef\xbb\xbf姓名;x\n\n\n某;\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\xff\xfeA\x00"))
	s := &Service{key: []byte("k"), now: func() time.Time { return linli.Time(1_800_000_000_000) }}
	f.Fuzz(func(t *testing.T, raw []byte) {
		sheets, err := readSheets("f", raw)
		if err != nil {
			if linli.KindOf(err) != linli.KindInvalid {
				t.Errorf("%v", err)
			}
			return
		}
		var r Report
		entries, err := s.read(sheets, region, newAddresses(nil, region), &r)
		if err != nil && linli.KindOf(err) != linli.KindInvalid {
			t.Errorf("%v", err)
		}
		for _, e := range entries {
			if !e.fatal() && (e.mark == "" || e.draft.Name == nil) {
				t.Errorf("a good row without a mark or a name: %+v", e)
			}
		}
	})
}
