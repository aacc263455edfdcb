package device

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"linli"
	"linli/auth"
	"linli/engine/db"
	"linli/web"
)

// Import is what reading a list of devices did. Without keep_good nothing is stored
// when one row is wrong.
type Import struct {
	Rows    int        `json:"rows"`
	Created int        `json:"created"`
	Devices []Imported `json:"devices" nullable:"false"`
	Errors  []RowError `json:"errors" nullable:"false" doc:"row order"`
}

// Imported is a device of a list. Its secrets are shown here and never again.
type Imported struct {
	Row    int    `json:"row" doc:"as numbered in the file"`
	ID     string `json:"id"`
	Serial string `json:"serial"`
	Code   string `json:"code,omitempty" doc:"what is printed as its QR code"`
	Token  string `json:"token,omitempty"`
}

// RowError says what is wrong with a row, without repeating what it holds.
type RowError struct {
	Row   int    `json:"row"`
	Field string `json:"field,omitempty"`
	Zh    string `json:"message_zh"`
	En    string `json:"message_en"`
}

const (
	maxImport     = 4 << 20
	maxImportRows = 5000
)

// columns are the headers of a list, in either language.
var columns = map[string]string{"类型": "kind", "kind": "kind", "序列号": "serial", "serial": "serial", "型号": "model", "model": "model",
	"地点编码": "place", "place": "place", "居民编号": "subject", "subject": "subject", "校准到期": "calibration_due", "calibration_due": "calibration_due"}

// line is a row of a list.
type line struct {
	row   int
	draft Draft
	home  linli.Place
}

// readList reads a CSV of devices, UTF-8 with a header.
func readList(raw []byte) ([]line, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(raw), "\ufeff")))
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	header, err := r.Read()
	if err != nil {
		return nil, linli.Invalid("body", "读不出表头，须为 UTF-8 的 CSV", "there is no header; this must be UTF-8 CSV")
	}
	at := map[string]int{}
	for i, h := range header {
		if code := columns[strings.ToLower(strings.TrimSpace(h))]; code != "" {
			if _, twice := at[code]; twice {
				return nil, linli.Invalidf("body", "列“%s”出现了两次", "column %s stands twice", strings.TrimSpace(h))
			}
			at[code] = i
		}
	}
	for _, need := range []string{"kind", "serial"} {
		if _, ok := at[need]; !ok {
			return nil, linli.Invalidf("body", "缺少列 %s（类型、序列号必填）", "column %s is missing", need)
		}
	}
	var out []line
	for {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, linli.Invalid("body", "CSV 的引号或分隔不对", "the quotes or separators of the CSV are wrong")
		}
		if !slices.ContainsFunc(rec, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			continue
		}
		if len(out) == maxImportRows {
			return nil, linli.Invalidf("body", "一次最多导入 %d 台", "at most %d devices are imported at once", maxImportRows)
		}
		cell := func(code string) string {
			if i, ok := at[code]; ok && i < len(rec) {
				return strings.TrimSpace(rec[i])
			}
			return ""
		}
		n, _ := r.FieldPos(0)
		out = append(out, line{row: n, draft: Draft{Kind: cell("kind"), Serial: cell("serial"), Model: cell("model"), Place: linli.Place(cell("place")),
			Subject: linli.ResidentID(cell("subject")), Calibration: cell("calibration_due")}})
	}
}

// errBadRows ends the transaction of a list with wrong rows.
var errBadRows = errors.New("device: wrong rows")

// importList stores the devices of a list. keepGood stores the good rows of a list
// with wrong ones; secret is code or token, what each device gets, "" for nothing.
func (s *Service) importList(ctx context.Context, p *auth.Principal, raw []byte, keepGood bool, secret string) (Import, error) {
	lines, err := readList(raw)
	if err != nil {
		return Import{}, err
	}
	homes := map[int]error{}
	for i := range lines {
		if lines[i].home, err = s.homeOf(ctx, p, "device.write", lines[i].draft.Subject); err != nil {
			if linli.KindOf(err) != linli.KindInvalid {
				return Import{}, err
			}
			homes[i] = err
		}
	}
	var out Import
	err = s.DB.Write(ctx, func(tx db.Tx) error {
		out = Import{Rows: len(lines), Devices: []Imported{}, Errors: []RowError{}}
		for i, l := range lines {
			err := homes[i]
			var done Imported
			if err == nil {
				done, err = s.importLine(tx, p, l, secret)
			}
			e, ours := errors.AsType[*linli.Error](err)
			switch {
			case err == nil:
				out.Devices = append(out.Devices, done)
			case ours && e.Kind != linli.KindInternal && e.Kind != linli.KindUnavailable:
				out.Errors = append(out.Errors, RowError{l.row, e.Field, e.Zh, e.En})
			default:
				return err
			}
		}
		if len(out.Errors) > 0 && !keepGood {
			return errBadRows
		}
		out.Created = len(out.Devices)
		return nil
	})
	if errors.Is(err, errBadRows) {
		out.Devices, err = []Imported{}, nil
	}
	return out, err
}

// importLine stores one device. It fails before it writes anything, so that the next
// row goes on in the same transaction.
func (s *Service) importLine(tx db.Tx, p *auth.Principal, l line, secret string) (Imported, error) {
	d, err := s.register(tx, p, l.draft, l.home)
	if err != nil {
		return Imported{}, err
	}
	out := Imported{Row: l.row, ID: d.ID, Serial: d.Serial}
	switch secret {
	case "token":
		out.Token, err = s.issue(tx, p, &d)
	case "code":
		out.Code, _, err = s.print(tx, p, &d)
	}
	return out, err
}

// postImport answers a list with what was done with each row: 200 when devices were
// stored, 422 with the same report when nothing was because of wrong rows.
func (s *Service) postImport(r *web.Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		q := req.URL.Query()
		secret := q.Get("secret")
		raw, err := io.ReadAll(req.Body)
		switch {
		case err != nil:
			err = linli.Invalidf("body", "文件太大，上限 %d MB", "the file is too large, the limit is %d MB", maxImport>>20)
		case !slices.Contains([]string{"", "code", "token"}, secret):
			err = linli.Invalid("secret", "secret 只能是 code 或 token", "secret is code or token")
		}
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		out, err := s.importList(req.Context(), auth.From(req.Context()), raw, q.Get("keep_good") == "true", secret)
		if err != nil {
			r.Fail(w, req, err)
			return
		}
		status := http.StatusOK
		if out.Created == 0 && len(out.Errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
		web.JSON(w, status, out)
	})
}
