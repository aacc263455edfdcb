package demand

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"linli"
	"linli/auth"
	"linli/engine/db"
)

// maxImport is the largest ticket file, in bytes.
const maxImport = 32 << 20

// maxTickets is how many rows a file may hold, and maxCells how wide each may be: a
// small file can unpack to rows that fill the memory.
const (
	maxTickets = 100_000
	maxCells   = 200
)

var errTickets = linli.Invalidf("file", "一次最多导入 %d 行，请分几次导入", "one file holds at most %d rows; import it in parts", maxTickets)

// importChunk is how many tickets one transaction stores.
const importChunk = 250

// Import is what to read: a file of tickets and how its columns are called.
type Import struct {
	Format  string            // csv, xlsx, jsonl or "" to find out
	System  string            // where the tickets come from; with their id they are stored once
	Place   linli.Place       // for tickets whose text names no place
	Columns map[string]string // our column -> theirs; known names are found without
	Test    bool
}

// ImportReport is what became of a file. Rows in error are named; the good rows are stored.
type ImportReport struct {
	Rows      int        `json:"rows"`
	Stored    int        `json:"stored"`
	Known     int        `json:"known"` // imported before, nothing changed
	Ready     int        `json:"ready"`
	Queued    int        `json:"queued"`
	Referred  int        `json:"referred"`
	Merged    int        `json:"merged"`
	Attention int        `json:"attention"` // words of danger
	Failed    int        `json:"failed"`
	Errors    []RowError `json:"errors"` // the first hundred
}

// RowError says what is wrong with a row of the file.
type RowError struct {
	Row   int    `json:"row"` // as the file counts, the header is row 1
	Field string `json:"field"`
	Zh    string `json:"zh"`
	En    string `json:"en"`
}

// record is a row of a ticket file under our column names; extra holds the rest.
type record struct {
	row    int
	fields map[string]string
	extra  map[string]any
	err    *linli.Error // the row itself is broken
}

// columnNames are the names under which our columns are found without a mapping.
var columnNames = map[string][]string{
	"id":    {"id", "工单编号", "工单号", "编号", "流水号", "ticket_no", "case_id"},
	"title": {"title", "标题", "主题", "诉求标题", "留言主题"},
	"text":  {"text", "body", "内容", "诉求内容", "留言详情", "工单内容", "详情", "描述"},
	"time":  {"time", "时间", "来电时间", "受理时间", "登记时间", "留言时间", "提交时间", "created_at"},
	"user":  {"user", "用户", "留言用户", "user_id"},
	"name":  {"name", "姓名", "来电人", "诉求人", "联系人"},
	"phone": {"phone", "电话", "来电号码", "联系电话", "手机", "手机号"},
	"place": {"place", "地点编码", "place_code"},
	"addr":  {"address", "addr", "地址", "诉求地址", "事发地址", "事发地点"},
	"spec":  {"spec", "服务规格"},
	"lng":   {"lng", "lon", "经度", "longitude"},
	"lat":   {"lat", "纬度", "latitude"},
}

// ImportFile reads a ticket file and takes its rows in, some hundreds at a time.
// A ticket imported before is left as it is, so the same file can be read again
// after an interruption. Only a file that cannot be read at all is an error.
func (s *Service) ImportFile(ctx context.Context, p *auth.Principal, in Import, raw []byte) (ImportReport, error) {
	report := ImportReport{Errors: []RowError{}}
	if in.System == "" || len(in.System) > 40 {
		return report, linli.Invalid("system", "请写明诉求来自哪个系统", "name the system the tickets come from")
	}
	for ours := range in.Columns {
		if _, ok := columnNames[ours]; !ok {
			return report, linli.Invalid("columns", "没有这一列："+ours, "there is no column "+ours)
		}
	}
	records, err := readTickets(in, raw)
	if err != nil {
		return report, err
	}
	s.imports.Lock()
	defer s.imports.Unlock()
	report.Rows = len(records)
	for chunk := range slices.Chunk(records, importChunk) {
		if err := s.importChunk(ctx, p, in, chunk, &report); err != nil {
			return report, err
		}
	}
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		return auth.Audit(tx, s.Now(), p, auth.Line{Act: "demand.import", Subject: in.System, Place: in.Place,
			Detail: fmt.Sprintf("rows %d, stored %d, known %d, failed %d", report.Rows, report.Stored, report.Known, report.Failed)})
	})
	return report, err
}

func (s *Service) importChunk(ctx context.Context, p *auth.Principal, in Import, chunk []record, report *ImportReport) error {
	var ids []string
	for _, r := range chunk {
		ids = append(ids, r.fields["id"])
	}
	var have map[string]bool
	err := s.DB.Read(ctx, func(tx db.Tx) (err error) {
		have, err = known(tx, s.DB.Dialect(), in.System, ids)
		return err
	})
	if err != nil {
		return err
	}
	var drafts []Draft
	for _, r := range chunk {
		id := r.fields["id"]
		if id != "" && have[id] {
			report.Known++
			continue
		}
		draft, err := s.ticket(p, in, r)
		if err == nil {
			_, err = s.check(draft)
		}
		if err != nil {
			report.fail(r.row, err)
			continue
		}
		have[id] = true
		drafts = append(drafts, draft)
	}
	if len(drafts) == 0 {
		return nil
	}
	out, err := s.Intake(ctx, p, drafts, nil)
	if err != nil {
		return err
	}
	for _, d := range out {
		if d == nil {
			report.Known++
			continue
		}
		report.count(d)
	}
	return nil
}

func (r *ImportReport) count(d *Demand) {
	r.Stored++
	switch d.State {
	case ReadyTo:
		r.Ready++
	case Queued, Hint:
		r.Queued++
	case Referred:
		r.Referred++
	case Merged:
		r.Merged++
	}
	if d.Attention {
		r.Attention++
	}
}

func (r *ImportReport) fail(row int, err error) {
	r.Failed++
	e, ok := errors.AsType[*linli.Error](err)
	if !ok {
		e = linli.Internal(err)
	}
	if len(r.Errors) < 100 {
		r.Errors = append(r.Errors, RowError{row, e.Field, e.Zh, e.En})
	}
}

// ticket turns a row into a draft.
func (s *Service) ticket(p *auth.Principal, in Import, r record) (Draft, error) {
	if r.err != nil {
		return Draft{}, r.err
	}
	f := Draft{Source: Ticket, System: in.System, ExternalID: r.fields["id"], Title: r.fields["title"], Body: r.fields["text"],
		Spec: linli.SpecCode(r.fields["spec"]), Place: linli.Place(r.fields["place"]), Fallback: in.Place,
		Alias: r.fields["user"], Name: r.fields["name"], Phone: r.fields["phone"], Test: in.Test}
	if f.ExternalID == "" || utf8.RuneCountInString(f.ExternalID) > 100 {
		return f, linli.Invalid("id", "缺少工单编号，或编号太长", "the ticket number is missing or too long")
	}
	if addr := r.fields["addr"]; addr != "" {
		f.Body = strings.TrimSpace(f.Body + "\n地址：" + addr)
	}
	var err error
	if f.RaisedAt, err = moment(r.fields["time"]); err != nil {
		return f, err
	}
	if f.Place != "" && !p.Scope("demand.import").Covers(auth.Row{Place: f.Place}) {
		return f, linli.Invalid("place", "这个地点不归您管："+string(f.Place), "this place is not yours to handle: "+string(f.Place))
	}
	if r.fields["lng"] != "" || r.fields["lat"] != "" {
		lng, errLng := strconv.ParseFloat(r.fields["lng"], 64)
		lat, errLat := strconv.ParseFloat(r.fields["lat"], 64)
		f.At = linli.Point{Lng: lng, Lat: lat}
		if errLng != nil || errLat != nil || !f.At.Valid() {
			return f, linli.Invalid("lng", "经纬度不是数字或超出范围", "the coordinates are not numbers on the globe")
		}
	}
	if len(r.extra) > 0 {
		if f.Extra, err = json.Marshal(r.extra); err != nil {
			return f, err
		}
	}
	return f, nil
}

// The forms of time found in ticket files, all read as Shanghai time unless they name a zone.
var layouts = []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006/1/2 15:04:05", "2006/1/2 15:04",
	"2006-1-2 15:04:05", "2006-1-2 15:04", "2006.1.2 15:04:05", "2006.1.2 15:04", "2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15时04分", "20060102150405", "2006-1-2", "2006/1/2",
	"2006.1.2", "2006年1月2日", "20060102"}

// moment reads a time; an empty one is the zero time. A bare number is a day
// count of Excel (days since 1899-12-30).
func moment(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "-" || s == "/" || s == "无" {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, linli.Shanghai); err == nil {
			return t, nil
		}
	}
	if days, err := strconv.ParseFloat(s, 64); err == nil && days > 20_000 && days < 80_000 {
		return time.Date(1899, 12, 30, 0, 0, int(math.Round(days*86_400)), 0, linli.Shanghai), nil
	}
	return time.Time{}, linli.Invalid("time", "时间看不懂："+s, "this is not a time: "+s)
}

// readTickets reads a file of any of the formats into rows under our names.
func readTickets(in Import, raw []byte) ([]record, error) {
	format := in.Format
	if format == "" {
		switch head := bytes.TrimLeft(raw, " \t\r\n\ufeff"); {
		case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
			format = "xlsx"
		case bytes.HasPrefix(head, []byte("{")):
			format = "jsonl"
		default:
			format = "csv"
		}
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, linli.Invalid("file", "文件是空的", "the file is empty")
	}
	switch format {
	case "jsonl":
		return readLines(in, raw)
	case "csv":
		return readCSV(in, raw)
	case "xlsx":
		return readXLSX(in, raw)
	}
	return nil, linli.Invalid("format", "只能导入 csv、xlsx 或 jsonl", "the format is csv, xlsx or jsonl")
}

// ours finds under which of our names a column of the file goes, "" for none.
func ours(in Import, theirs string) string {
	theirs = strings.TrimSpace(strings.TrimPrefix(theirs, "\ufeff"))
	for name, mapped := range in.Columns {
		if mapped == theirs {
			return name
		}
	}
	for name, list := range columnNames {
		if in.Columns[name] == "" && slices.Contains(list, strings.ToLower(theirs)) {
			return name
		}
	}
	return ""
}

func readLines(in Import, raw []byte) ([]record, error) {
	var out []record
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, maxImport+1)
	for row := 1; lines.Scan(); row++ {
		line := bytes.TrimPrefix(bytes.TrimSpace(lines.Bytes()), []byte("\ufeff"))
		if len(line) == 0 {
			continue
		}
		r := record{row: row, fields: map[string]string{}, extra: map[string]any{}}
		var object map[string]any
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.UseNumber()
		if err := decoder.Decode(&object); err != nil || !utf8.Valid(line) || bytes.Contains(line, []byte(`\u0000`)) {
			r.err = linli.Invalid("row", "这一行不是 JSON 对象", "this line is not a JSON object")
		}
		for key, v := range object {
			name := ours(in, key)
			switch v := v.(type) {
			case nil:
			case string:
				r.set(name, key, strings.TrimSpace(v))
			case json.Number:
				if name == "" {
					r.extra[key] = v
				} else {
					r.set(name, key, v.String())
				}
			default:
				r.extra[key] = v
			}
		}
		if out = append(out, r); len(out) > maxTickets {
			return nil, errTickets
		}
	}
	return out, lines.Err()
}

// set files a value under our name, or among the extra ones under theirs.
func (r *record) set(name, theirs, v string) {
	switch {
	case v == "":
	case name != "":
		r.fields[name] = v
	case len(r.extra) < 40 && theirs != "":
		r.extra[theirs] = v
	}
}

func readCSV(in Import, raw []byte) ([]record, error) {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	if !utf8.Valid(raw) { // the office's other encoding
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, linli.Invalid("file", "文件不是 UTF-8，也不是 GB 18030", "the file is neither UTF-8 nor GB 18030")
		}
		raw = decoded
	}
	lines := csv.NewReader(bytes.NewReader(raw))
	lines.FieldsPerRecord = -1
	lines.LazyQuotes = true
	if head, _, _ := bytes.Cut(raw, []byte("\n")); bytes.Count(head, []byte("\t")) > bytes.Count(head, []byte(",")) {
		lines.Comma = '\t'
	}
	var rows [][]string
	for {
		row, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, linli.Invalidf("file", "第 %d 行读不下去", "reading stops at line %d", len(rows)+1)
		}
		if rows = append(rows, row[:min(len(row), maxCells)]); len(rows) > maxTickets {
			return nil, errTickets
		}
	}
	return readTable(in, rows)
}

func readXLSX(in Import, raw []byte) (out []record, err error) {
	broken := linli.Invalid("file", "Excel 文件打不开，可能已损坏或有密码", "the Excel file cannot be opened; it may be damaged or protected")
	defer func() { // the reader has panicked on crafted files before
		if recover() != nil {
			out, err = nil, broken
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: 8 * maxImport, UnzipXMLSizeLimit: 8 * maxImport})
	if err != nil {
		return nil, broken
	}
	defer f.Close()
	sheet, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return nil, broken
	}
	defer sheet.Close()
	var rows [][]string
	for sheet.Next() {
		cells, err := sheet.Columns()
		if err != nil {
			return nil, broken
		}
		width := min(len(cells), maxCells)
		for width > 0 && cells[width-1] == "" {
			width-- // a lone cell far to the right stretches the row
		}
		if rows = append(rows, slices.Clone(cells[:width])); len(rows) > maxTickets {
			return nil, errTickets
		}
	}
	return readTable(in, rows)
}

// readTable reads rows below a header. The header is the first row, among the
// first ten, that names a column for the number and one for the words; titles
// above it are common in such files.
func readTable(in Import, rows [][]string) ([]record, error) {
	for top := range min(10, len(rows)) {
		names := make([]string, len(rows[top]))
		for c, cell := range rows[top] {
			if name := ours(in, cell); !slices.Contains(names, name) { // the first of two alike counts
				names[c] = name
			}
		}
		if !slices.Contains(names, "id") || !slices.Contains(names, "text") && !slices.Contains(names, "title") {
			continue
		}
		var out []record
		for n, cells := range rows[top+1:] {
			r := record{row: top + n + 2, fields: map[string]string{}, extra: map[string]any{}}
			for c, cell := range cells {
				if strings.IndexByte(cell, 0) >= 0 || !utf8.ValidString(cell) {
					r.err = linli.Invalidf("row", "第 %d 列有无法识别的字符", "column %d holds characters that cannot be stored", c+1)
				}
				if c < len(names) {
					r.set(names[c], strings.TrimSpace(rows[top][c]), strings.TrimSpace(cell))
				}
			}
			if len(r.fields)+len(r.extra) > 0 {
				out = append(out, r)
			}
		}
		return out, nil
	}
	return nil, linli.Invalid("columns", "找不到工单编号和内容两列，请对应列名", "no columns for ticket number and text were found; map them")
}

// placeOf picks where tickets belong whose text names no place: as asked, or the
// place of the clerk's own grant.
func placeOf(p *auth.Principal, perm auth.Permission, asked linli.Place) (linli.Place, error) {
	scope := p.Scope(perm)
	if asked == "" && len(scope.Places) > 0 {
		return scope.Places[0], nil
	}
	if !asked.Valid() || !scope.Covers(auth.Row{Place: asked}) {
		return "", linli.Invalid("place", "请选一个归您管的地点："+string(cmp.Or(asked, "未填")), "choose a place that is yours to handle")
	}
	return asked, nil
}
