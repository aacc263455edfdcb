package resident

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"linli"
)

// Bounds of a file: what a street's register can hold, and far below what would
// hurt the hub.
const (
	maxFile    = 20 << 20
	maxUnpack  = 200 << 20
	maxRows    = 20_000
	maxColumns = 200
	maxCell    = 2_000 // characters
)

// cell is one cell as stored in the file.
type cell struct {
	text   string
	number bool // the file holds a number, of which spreadsheets keep 15 digits
}

// sheet is a table of cells. Row i of the file is rows[i-1].
type sheet struct {
	name     string // empty when the file has only one
	rows     [][]cell
	from1904 bool // its day count begins in 1904
}

// at answers a cell; outside the table it is empty.
func (s *sheet) at(row, column int) cell {
	if row < 0 || row >= len(s.rows) || column >= len(s.rows[row]) {
		return cell{}
	}
	return s.rows[row][column]
}

// ref names a cell the way spreadsheets do: C7, or 三村!C7 with several sheets.
func (s *sheet) ref(row, column int) string {
	name, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		name = fmt.Sprintf("R%dC%d", row+1, column+1)
	}
	if s.name != "" {
		return s.name + "!" + name
	}
	return name
}

// readSheets reads a file of a spreadsheet program: XLSX, or CSV in UTF-8,
// UTF-16 or GB 18030, with or without byte order mark, separated by comma,
// semicolon or tab.
func readSheets(file string, raw []byte) ([]sheet, error) {
	switch {
	case len(raw) == 0:
		return nil, linli.Invalid("file", "文件是空的", "the file is empty")
	case len(raw) > maxFile:
		return nil, linli.Invalidf("file", "文件太大，上限 %d MB", "the file is too large, the limit is %d MB", maxFile>>20)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return readXLSX(raw)
	case bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")):
		return nil, linli.Invalid("file", "这是旧版 .xls 或加密的文件，请另存为不加密的 .xlsx 再导入", "this is an old .xls or an encrypted file; save it as .xlsx without a password")
	case strings.EqualFold(path.Ext(file), ".xlsx"):
		return nil, linli.Invalid("file", "文件已损坏，不是有效的 .xlsx", "the file is damaged: not a valid .xlsx")
	}
	text, err := decodeText(raw)
	if err != nil {
		return nil, err
	}
	return readCSV(text)
}

// errDamaged words whatever the spreadsheet library finds wrong.
func errDamaged(cause error) error {
	e := linli.Invalid("file", "文件打不开，可能已损坏", "the file cannot be opened; it may be damaged")
	e.Err = cause
	return e
}

// readXLSX reads every visible sheet, with merged cells filled.
func readXLSX(raw []byte) (sheets []sheet, err error) {
	if err := refuseBomb(raw); err != nil {
		return nil, err
	}
	// The library has panicked on crafted files before; a clerk's upload must not end the request that way.
	defer func() {
		if cause := recover(); cause != nil {
			sheets, err = nil, errDamaged(fmt.Errorf("panic: %v", cause))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpack, UnzipXMLSizeLimit: maxUnpack})
	if err != nil {
		return nil, errDamaged(err)
	}
	defer f.Close()
	props, err := f.GetWorkbookProps()
	if err != nil {
		return nil, errDamaged(err)
	}
	for _, name := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(name); err != nil || !visible {
			continue
		}
		s, err := readSheet(f, name)
		if err != nil {
			return nil, err
		}
		s.from1904 = props.Date1904 != nil && *props.Date1904
		if len(s.rows) > 0 {
			sheets = append(sheets, s)
		}
	}
	if len(sheets) == 1 {
		sheets[0].name = ""
	}
	return sheets, nil
}

// refuseBomb looks at the directory of a zip file before anything is unpacked.
// Go checks while unpacking that no entry is larger than it says.
func refuseBomb(raw []byte) error {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return errDamaged(err)
	}
	var total uint64
	for _, f := range z.File {
		total += f.UncompressedSize64
		if len(z.File) > 2000 || total > maxUnpack || f.UncompressedSize64 > 1<<20 && f.UncompressedSize64/200 > f.CompressedSize64 {
			return linli.Invalid("file", "文件解压后过大，已拒绝", "the file unpacks to too much and was refused")
		}
	}
	return nil
}

func readSheet(f *excelize.File, name string) (sheet, error) {
	s := sheet{name: name}
	written, filled := 0, 0
	rows, err := f.Rows(name)
	if err != nil {
		return s, errDamaged(err)
	}
	defer rows.Close()
	for rows.Next() {
		columns, err := rows.Columns()
		if err != nil {
			return s, errDamaged(err)
		}
		if len(columns) > 0 {
			written++
		}
		width := min(len(columns), maxColumns)
		for width > 0 && columns[width-1] == "" {
			width-- // a lone cell at the far right stretches the row
		}
		line := make([]cell, width)
		for i := range line {
			line[i].text = clip(columns[i])
		}
		s.rows = append(s.rows, line)
		if width > 0 {
			filled++
		}
		// A lone cell at the far end of a sheet stretches it: rows that say nothing are
		// let pass, but not when the file takes the trouble to write them.
		if filled > maxRows || written > 4*maxRows {
			return s, errRows
		}
	}
	s.trim()
	if err := s.limit(); err != nil {
		return s, err
	}
	for r, line := range s.rows {
		for c := range line {
			if looksNumeric(line[c].text) {
				ref, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					return s, errDamaged(err)
				}
				kind, err := f.GetCellType(name, ref)
				if err != nil {
					return s, errDamaged(err)
				}
				// Absent type is how spreadsheets write numbers; texts carry their own.
				line[c].number = kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset
			}
		}
	}
	return s, s.fillMerged(f, name)
}

func looksNumeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.+-eE") == "" && strings.ContainsAny(s, "0123456789")
}

// trim drops the empty rows at the end.
func (s *sheet) trim() {
	for len(s.rows) > 0 && blank(s.rows[len(s.rows)-1]) {
		s.rows = s.rows[:len(s.rows)-1]
	}
}

var errRows = linli.Invalidf("file", "一次最多导入 %d 行，请拆成几个文件", "one file holds at most %d rows; split it", maxRows)

func (s *sheet) limit() error {
	if len(s.rows) > maxRows {
		return errRows
	}
	return nil
}

func blank(line []cell) bool {
	for _, c := range line {
		if evenText(c.text) != "" {
			return false
		}
	}
	return true
}

// fillMerged writes the value of a merged range into every cell of it, within the table.
func (s *sheet) fillMerged(f *excelize.File, name string) error {
	merged, err := f.GetMergeCells(name)
	if err != nil {
		return errDamaged(err)
	}
	for _, m := range merged {
		left, top, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return errDamaged(err)
		}
		right, bottom, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return errDamaged(err)
		}
		value := s.at(top-1, left-1)
		for r := top - 1; r < min(bottom, len(s.rows)); r++ {
			for c := left - 1; c < min(right, maxColumns); c++ {
				for len(s.rows[r]) <= c {
					s.rows[r] = append(s.rows[r], cell{})
				}
				s.rows[r][c] = value
			}
		}
	}
	return nil
}

// decodeText turns the bytes of a text file into UTF-8 without byte order mark.
func decodeText(raw []byte) (string, error) {
	var enc encoding.Encoding
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		enc = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		enc = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case bytes.HasPrefix(raw, []byte("\x84\x31\x95\x33")): // the mark in GB 18030
		raw, enc = raw[4:], simplifiedchinese.GB18030
	case !utf8.Valid(raw):
		enc = simplifiedchinese.GB18030
	}
	if enc != nil {
		decoded, err := enc.NewDecoder().Bytes(raw)
		if err != nil {
			return "", errDamaged(err)
		}
		raw = decoded
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
		return "", linli.Invalid("file", "认不出文件编码，请存为 UTF-8 或 GB 18030 的 CSV，或 .xlsx", "the encoding is unknown; save it as CSV in UTF-8 or GB 18030, or as .xlsx")
	}
	return string(raw), nil
}

// readCSV cuts a text into cells. Rows keep the number they have in a
// spreadsheet: blank lines count, lines inside a quoted cell do not.
func readCSV(text string) ([]sheet, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = separator(text), true, -1, true
	var s sheet
	inside := 0 // line breaks within cells so far
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errDamaged(err)
		}
		line, _ := r.FieldPos(0)
		for len(s.rows) < line-1-inside && len(s.rows) <= maxRows {
			s.rows = append(s.rows, nil)
		}
		cells := make([]cell, min(len(record), maxColumns))
		for i, field := range record {
			inside += strings.Count(field, "\n")
			if i < len(cells) {
				cells[i].text = clip(field)
			}
		}
		s.rows = append(s.rows, cells)
		if len(s.rows) > 4*maxRows {
			break // the limit below refuses it
		}
	}
	s.trim()
	if err := s.limit(); err != nil {
		return nil, err
	}
	if len(s.rows) == 0 {
		return nil, nil
	}
	return []sheet{s}, nil
}

// separator is what occurs most often in the first lines of a text.
func separator(text string) rune {
	head := text
	if len(head) > 4096 {
		head = head[:4096]
	}
	best, most := ',', 0
	for _, c := range ",\t;" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// clip bounds a cell; nothing a register asks for is longer.
func clip(s string) string {
	if len(s) <= maxCell {
		return s
	}
	n := 0
	for i := range s {
		if n == maxCell {
			return s[:i]
		}
		n++
	}
	return s
}
