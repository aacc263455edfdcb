package resident

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli"
	"linli/auth"
	"linli/engine/bus"
	"linli/engine/db"
)

// Report is what reading a file into the register did.
type Report struct {
	ID        string         `json:"id"`
	Kind      string         `json:"kind" enum:"residents,map"`
	File      string         `json:"file"`
	SHA256    string         `json:"sha256,omitempty"`
	Place     linli.Place    `json:"place"`
	By        string         `json:"by"`
	At        time.Time      `json:"at"`
	Ended     time.Time      `json:"ended_at,omitzero" doc:"absent: the import was cut off; import the file again"`
	Rows      int            `json:"rows" doc:"rows or buildings read"`
	Created   int            `json:"created"`
	Updated   int            `json:"updated"`
	Unchanged int            `json:"unchanged"`
	Failed    int            `json:"failed"`
	Skipped   int            `json:"skipped" doc:"blank rows, totals and signatures within the table; or what the map does not need"`
	Features  int            `json:"features,omitempty" doc:"roads and waters of a map"`
	Places    int            `json:"places,omitempty" doc:"regions, grids and estates made"`
	Ways      int            `json:"ways,omitempty" doc:"pieces of way that travel times are computed by; absent: the map brought none, or the same"`
	Columns   map[string]int `json:"columns,omitempty" doc:"which column, from 1, was read as what; of the first sheet"`
	Ignored   []string       `json:"ignored,omitempty" doc:"headers of columns that were not read"`
	Problems  []Problem      `json:"problems" nullable:"false" doc:"at most 1000; row order"`
}

// AuthRow says where the import belongs.
func (r Report) AuthRow() auth.Row { return auth.Row{Place: r.Place} }

// Problem is something wrong with one cell. It never repeats what the cell holds.
type Problem struct {
	Row   int    `json:"row" doc:"as numbered in the file"`
	Cell  string `json:"cell" doc:"such as C7"`
	Field string `json:"field,omitempty"`
	Fatal bool   `json:"fatal" doc:"the row was not imported; else the row stands without this cell"`
	Zh    string `json:"message_zh"`
	En    string `json:"message_en"`
}

const (
	maxProblems = 1000
	chunk       = 100 // rows in one transaction: others write in between
)

// entry is a row of a register, read and checked but not yet stored.
type entry struct {
	sheet    *sheet
	layout   layout
	row      int
	draft    Draft
	within   linli.Place // where a new person stands of whom no place is said
	vague    bool        // the address fits no building of the register
	number   string      // of the household
	contact  *ContactDraft
	problems []Problem
	mark     string // of everything it says
}

func (e *entry) fatal() bool {
	return slices.ContainsFunc(e.problems, func(p Problem) bool { return p.Fatal })
}

// problem reports the cell of a field; a row without that column is named by its first cell.
func (e *entry) problem(f field, fatal bool, zh, en string) {
	c := e.layout.columns[f]
	e.problems = append(e.problems, Problem{Row: e.row + 1, Cell: e.sheet.ref(e.row, c), Field: string(f), Fatal: fatal, Zh: zh, En: en})
}

// refuse reports an error of a rule about a field.
func (e *entry) refuse(f field, err error) {
	var known *linli.Error
	if errors.As(err, &known) {
		e.problem(f, true, known.Zh, known.En)
		return
	}
	e.problem(f, true, "这格看不懂", "this cell cannot be read")
}

// Import reads a register of residents, XLSX or CSV, into the place. Good rows are
// stored, rows in error are reported with their cell; the same file again changes
// nothing. Somebody is recognized by identity number, else by name, birth date and
// address. The report is kept.
func (s *Service) Import(ctx context.Context, by *auth.Principal, place linli.Place, file string, raw []byte) (Report, error) {
	if !place.Valid() || len(place.At(linli.DepthRegion)) != 12 {
		return Report{}, linli.Invalid("place", "请选导入到哪个社区或网格", "choose the community or grid to import into")
	}
	if !by.Scope("resident.import").Covers(auth.Row{Place: place}) {
		return Report{}, errOutside
	}
	sheets, err := readSheets(file, raw)
	if err != nil {
		return Report{}, err
	}
	sum := sha256.Sum256(raw)
	r := Report{ID: linli.NewID("imp", s.now()), Kind: "residents", File: clip(evenText(file)), SHA256: hex.EncodeToString(sum[:]), Place: place, By: by.Name, At: linli.Time(linli.Millis(s.now())), Problems: []Problem{}}
	gazetteer, err := s.Gazetteer(ctx)
	if err != nil {
		return Report{}, err
	}
	entries, err := s.read(sheets, place, newAddresses(gazetteer, place), &r)
	if err != nil {
		return Report{}, err
	}
	if err := s.startImport(ctx, by, &r); err != nil {
		return Report{}, err
	}
	for part := range slices.Chunk(entries, chunk) {
		// A chunk may run twice; its counts are added once it stands.
		var done Report
		err := s.db.Write(ctx, func(tx db.Tx) error {
			done = Report{}
			for _, e := range part {
				if err := s.take(tx, by, e, &done); err != nil {
					return fmt.Errorf("row %d: %w", e.row+1, err)
				}
			}
			return nil
		})
		if err != nil {
			return r, err
		}
		r.Created, r.Updated, r.Unchanged, r.Failed = r.Created+done.Created, r.Updated+done.Updated, r.Unchanged+done.Unchanged, r.Failed+done.Failed
		r.add(done.Problems)
	}
	return r, s.endImport(ctx, by, &r)
}

func (r *Report) add(problems []Problem) {
	r.Problems = append(r.Problems, problems[:min(len(problems), max(0, maxProblems-len(r.Problems)))]...)
}

// startImport keeps the report before the first row, so that an import that is cut off can be seen.
func (s *Service) startImport(ctx context.Context, by *auth.Principal, r *Report) error {
	return s.db.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(`INSERT INTO resident_import (id, kind, file, sha256, place, by_user, by_name, at, report) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`,
			r.ID, r.Kind, r.File, r.SHA256, r.Place, by.User, by.Name, linli.Millis(r.At), db.JSON(r))
		return err
	})
}

// endImport keeps the finished report, tells it and writes the audit line.
func (s *Service) endImport(ctx context.Context, by *auth.Principal, r *Report) error {
	now := s.now()
	r.Ended = linli.Time(linli.Millis(now))
	return s.db.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(`UPDATE resident_import SET ended_at = $1, report = $2 WHERE id = $3`, linli.Millis(now), db.JSON(r), r.ID); err != nil {
			return err
		}
		if err := s.bus.Publish(tx, bus.Pack(EventImported, r.ID, r.Place, now, Imported{r.ID, r.Created, r.Updated, r.Failed})); err != nil {
			return err
		}
		return auth.Audit(tx, now, by, auth.Line{Act: r.Kind + ".import", Subject: r.ID, Place: r.Place,
			Detail: fmt.Sprintf("rows %d, created %d, updated %d, unchanged %d, failed %d", r.Rows, r.Created, r.Updated, r.Unchanged, r.Failed)})
	})
}

// read turns the sheets into entries. A file without any table is an error.
func (s *Service) read(sheets []sheet, place linli.Place, known *addresses, r *Report) ([]*entry, error) {
	var entries []*entry
	seen := map[string]string{} // identity numbers of this file and the cell they were first seen in
	tables := 0
	for i := range sheets {
		sh := &sheets[i]
		l, ok := findLayout(sh)
		if !ok {
			continue
		}
		if tables++; tables == 1 {
			r.Ignored, r.Columns = l.ignored, map[string]int{}
			for f, c := range l.columns {
				r.Columns[string(f)] = c + 1
			}
		}
		for row := l.first; row < len(sh.rows); row++ {
			if blank(sh.rows[row]) || footer(sh.rows[row]) {
				r.Skipped++
				continue
			}
			e := s.readRow(sh, l, row, place, known)
			if id := trimmed(e.draft.IDNo); id != "" && !e.fatal() {
				if first, again := seen[id]; again {
					e.problem("id_no", true, "与 "+first+" 的身份证号重复", "the identity number of "+first+" again")
				} else {
					seen[id] = sh.ref(row, l.columns["id_no"])
				}
			}
			entries = append(entries, e)
			if r.Rows++; r.Rows > maxRows {
				return nil, errRows
			}
		}
	}
	if tables == 0 {
		return nil, linli.Invalid("file", "没找到表头，至少要有“姓名”一列", "no header was found: a column 姓名 (name) is needed")
	}
	return entries, nil
}

// footer tells whether a row is a total or a signature below the table.
func footer(line []cell) bool {
	first, filled := "", 0
	for _, c := range line {
		if text := evenText(c.text); text != "" {
			if filled++; first == "" {
				first = text
			}
		}
	}
	if filled > 4 {
		return false
	}
	for _, w := range []string{"合计", "总计", "小计", "共计", "填表", "制表", "审核", "填报", "备注", "说明", "注：", "注:"} {
		if strings.HasPrefix(first, w) {
			return true
		}
	}
	return false
}

// readRow reads one row into a draft; whatever is wrong with it stands in its problems.
func (s *Service) readRow(sh *sheet, l layout, row int, place linli.Place, known *addresses) *entry {
	e := &entry{sheet: sh, layout: l, row: row, within: place}
	get := func(f field) string { return e.value(f) }
	if name := get("name"); name == "" {
		e.problem("name", true, "没有姓名", "the name is missing")
	} else if name, err := parseName(name); err != nil {
		e.refuse("name", err)
	} else {
		e.draft.Name = &name
	}
	e.readIdentity(s.now())
	if phone := e.exact("phone"); phone != "" {
		if p, err := parsePhone(phone); err != nil {
			e.refuse("phone", err)
		} else {
			e.draft.Phone = &p
		}
	}
	if rel := get("relation"); rel != "" {
		code := parseRelation(rel)
		e.draft.Relation = &code
	}
	e.readAddress(place, known)
	e.readCare()
	e.readContact()
	if n := get("household"); n != "" {
		e.number = n
	}
	if !e.fatal() {
		e.mark = s.mark("import", e.canonical())
	}
	return e
}

// value is what a cell says, evened out; words for "nothing" are "".
func (e *entry) value(f field) string {
	c, ok := e.layout.columns[f]
	if !ok {
		return ""
	}
	at := e.sheet.at(e.row, c)
	text := evenText(at.text)
	if at.number {
		text = plainNumber(text)
	}
	if isNull(text) {
		return ""
	}
	return text
}

// exact is the value of a cell whose digits all matter; digits that a spreadsheet
// has thrown away are an error no program can repair.
func (e *entry) exact(f field) string {
	text := e.value(f)
	if text == "" {
		return ""
	}
	at := e.sheet.at(e.row, e.layout.columns[f])
	if lostDigits(evenText(at.text), at.number) {
		e.problem(f, true, "号码被表格改成了科学计数，后几位已丢失，请把该列设为文本后重填", "the spreadsheet turned the number into an exponent and lost its last digits; set the column to text and enter it again")
		return ""
	}
	return plainNumber(text)
}

// readIdentity reads identity number, birth date and sex, which must agree.
func (e *entry) readIdentity(now time.Time) {
	d := &e.draft
	if sex := e.value("sex"); sex != "" {
		if n, err := parseSex(sex); err != nil {
			e.refuse("sex", err)
		} else {
			d.Sex = &n
		}
	}
	if birth := e.value("birth"); birth != "" {
		day, err := parseDate(birth, e.sheet.from1904)
		if err == nil {
			err = validBirth(day, now)
		}
		if err != nil {
			e.refuse("birth", err)
		} else {
			d.Birth = &day
		}
	}
	id := strings.ReplaceAll(e.exact("id_no"), " ", "")
	if id == "" {
		return
	}
	d.IDNo = &id
	if err := d.validateID(now); err != nil {
		d.IDNo = nil
		f := field("id_no")
		var known *linli.Error
		if errors.As(err, &known) && (known.Field == "birth" || known.Field == "sex") {
			f = field(known.Field)
		}
		e.refuse(f, err)
	}
}

// readAddress resolves the address columns; what the register does not know stays as text.
func (e *entry) readAddress(place linli.Place, known *addresses) {
	d := &e.draft
	if code := linli.Place(e.value("place")); code != "" {
		if !code.Valid() || !place.Contains(code) {
			e.problem("place", true, "地点编码不对，或不在导入范围内", "not a place, or outside the place of this import")
			return
		}
		d.Place = &code
		return
	}
	w := written{e.value("address"), e.value("estate"), e.value("building"), e.value("unit"), e.value("room")}
	if w == (written{}) {
		return // says nothing: whoever is known stays where they are
	}
	if w.estate == "" {
		w.address += number(w.building, "号楼") + number(w.unit, "单元") + number(w.room, "室")
	}
	found, ok := known.find(w, place)
	if !ok {
		found = place
	}
	text := w.address
	if text == "" {
		text = w.estate + number(w.building, "号楼") + number(w.unit, "单元") + number(w.room, "室")
	}
	d.Place, d.Address = &found, &text
	if e.vague = found.Depth() < linli.DepthBuilding; e.vague {
		f := field("address")
		if _, has := e.layout.columns[f]; !has {
			f = "estate"
		}
		e.problem(f, false, "没对上楼栋，先按文字地址登记", "no building of the register fits; the address is kept as text")
	}
}

// readCare reads what is sensitive and the special groups.
func (e *entry) readCare() {
	d := &e.draft
	if health := e.value("health"); health != "" && health != "健康" && health != "良好" && health != "一般" {
		d.Health = &health
	}
	groups, unknown := parseGroups(e.value("groups"))
	if len(unknown) > 0 {
		e.problem("groups", false, "有认不出的人员类别，已略过", "some groups are unknown and were left out")
	}
	for f := range e.layout.columns {
		if code, ask := strings.CutPrefix(string(f), "is:"); ask && yes(e.value(f)) {
			groups = append(groups, code)
		}
	}
	slices.Sort(groups) // columns come in any order
	if open, care := split(slices.Compact(groups)); len(open)+len(care) > 0 {
		if len(open) > 0 {
			d.Groups = open
		}
		if len(care) > 0 {
			d.CareGroups = care
		}
	}
	if slices.Contains(d.CareGroups, "low-income") || slices.Contains(d.CareGroups, "extreme-poverty") {
		aid := "低保"
		if slices.Contains(d.CareGroups, "extreme-poverty") {
			aid = "特困供养"
		}
		d.Aid = &aid
	}
	e.readDisability()
	e.readAbility()
}

func yes(s string) bool {
	return slices.Contains([]string{"是", "有", "√", "✓", "✔", "1", "y", "Y", "yes", "对"}, s)
}

func (e *entry) readDisability() {
	kind, grade := e.value("disability"), e.value("disability_grade")
	if kind == "" && grade == "" || kind == "否" {
		return
	}
	d := &Disability{Kinds: []int{}}
	for _, n := range codes.Disabilities {
		if kind == fmt.Sprint(n.Code) || strings.Contains(kind, n.Zh) {
			d.Kinds = append(d.Kinds, n.Code)
		}
	}
	for i, words := range [][]string{{"一级", "1", "壹级", "Ⅰ"}, {"二级", "2", "贰级", "Ⅱ"}, {"三级", "3", "叁级", "Ⅲ"}, {"四级", "4", "肆级", "Ⅳ"}} {
		if slices.Contains(words, strings.TrimSuffix(grade, "级")) || slices.Contains(words, grade) || strings.Contains(kind, words[0]) {
			d.Grade = i + 1
		}
	}
	if kind != "" && len(d.Kinds) == 0 && d.Grade == 0 {
		e.problem("disability", false, "残疾类别认不出，已略过", "the kind of disability is unknown and was left out")
		return
	}
	e.draft.Disability = d
}

func (e *entry) readAbility() {
	text := e.value("ability")
	if text == "" {
		return
	}
	// Registers that name only a grade use the words of the national standard.
	scale, _ := scaleOf("gbt42195")
	e.draft.Ability = &Ability{Scale: scale.Code}
	if slices.Contains([]string{"自理", "完全自理", "可自理", "能自理", "正常"}, text) {
		e.draft.Ability.Grade = "intact"
		return
	}
	for _, g := range scale.Grades {
		if text == g.Zh || text == strings.TrimSuffix(g.Zh, "失能") {
			e.draft.Ability.Grade = g.Code
			return
		}
	}
	e.draft.Ability = nil
	e.problem("ability", false, "能力等级认不出，已略过", "the grade of ability is unknown and was left out")
}

func (e *entry) readContact() {
	name, phone := e.value("contact_name"), e.exact("contact_phone")
	if name == "" && phone == "" {
		return
	}
	c := ContactDraft{Name: name, Phone: phone, Relation: e.value("contact_relation"), Rank: 1}
	if c.Name == "" || c.Phone == "" {
		e.problem("contact_name", false, "紧急联系人要有姓名和电话，已略过", "a contact needs a name and a phone; it was left out")
		return
	}
	var err error
	if c.Name, err = parseName(c.Name); err != nil {
		e.problem("contact_name", false, "紧急联系人姓名不对，已略过", "the name of the contact is wrong; it was left out")
		return
	}
	if c.Phone, err = parsePhone(c.Phone); err != nil {
		e.problem("contact_phone", false, "紧急联系人电话不对，已略过", "the phone of the contact is wrong; it was left out")
		return
	}
	e.contact = &c
}

// canonical is everything the row says, in one form.
func (e *entry) canonical() string {
	raw, err := json.Marshal(struct {
		Draft   Draft
		Number  string
		Contact *ContactDraft
	}{e.draft, e.number, e.contact})
	if err != nil {
		panic("resident: import row: " + err.Error()) // plain values always marshal
	}
	return string(raw)
}

// take stores one entry within tx and counts what became of it.
func (s *Service) take(tx db.Tx, by *auth.Principal, e *entry, done *Report) error {
	problems := e.problems
	defer func() { done.Problems = append(done.Problems, problems...) }()
	fail := func(f field, zh, en string) error {
		before := len(e.problems)
		e.problem(f, true, zh, en)
		problems, e.problems = e.problems, e.problems[:before] // the chunk may run again
		done.Failed++
		return nil
	}
	if e.fatal() {
		done.Failed++
		return nil
	}
	d := e.draft
	p, err := s.known(tx, e)
	if err != nil {
		return err
	}
	scope := by.Scope("resident.import")
	switch {
	case p != nil && !scope.Covers(p.row()):
		return fail("name", "此人已登记在其他辖区，请联系那边转来", "this person is registered in another area; ask that area to hand them over")
	case p != nil && p.importMark == e.mark:
		done.Unchanged++
		return nil
	case p != nil:
		done.Updated++
	default:
		done.Created++
	}
	fresh := p == nil
	now := s.now()
	switch {
	case fresh && d.Place == nil:
		d.Place = &e.within
	case !fresh && e.vague && sameText(p.address, *d.Address):
		d.Place = nil // a clerk may have found the building since
	}
	if fresh {
		p = &person{id: linli.ResidentID(linli.NewID("res", now)), created: linli.Millis(now), rev: 1}
	}
	if err := s.apply(tx, by, p, &d); err != nil {
		if linli.KindOf(err) != linli.KindInvalid {
			return err
		}
		if fresh {
			done.Created--
		} else {
			done.Updated--
		}
		known, _ := errors.AsType[*linli.Error](err) // its kind was just read
		return fail("name", known.Zh, known.En)
	}
	p.importMark = e.mark
	if err := s.joinHousehold(tx, p, e.number, now); err != nil {
		return err
	}
	if err := s.store(tx, p, &d, fresh); err != nil {
		return err
	}
	if err := s.takeContact(tx, p.id, e.contact); err != nil {
		return err
	}
	if !fresh {
		p.rev++
	}
	return s.bus.Publish(tx, changed(p, now))
}

// known finds who a row speaks of: by identity number, else by name, birth date and address.
func (s *Service) known(tx db.Tx, e *entry) (*person, error) {
	d := &e.draft
	if d.IDNo != nil {
		var w db.Where
		w.And("id_mark = ? AND id_mark <> ''", s.mark("id", *d.IDNo)) // the second half lets the index be used
		if found, err := s.people(tx, w, ""); err != nil || len(found) > 0 {
			return first(found), err
		}
	}
	like := person{place: e.within}
	set(&like.name, d.Name)
	set(&like.birth, d.Birth)
	set(&like.place, d.Place)
	set(&like.address, d.Address)
	var w db.Where
	w.And("name_mark = ? AND name_mark <> ''", s.nameMark(&like))
	if d.IDNo != nil {
		w.And("id_mark = ''") // somebody with another number is somebody else
	}
	found, err := s.people(tx, w, " ORDER BY id LIMIT 1")
	return first(found), err
}

// sameText compares addresses without minding spaces.
func sameText(a, b string) bool { return evenAddress(a) == evenAddress(b) }

func first(found []*person) *person {
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// joinHousehold puts the person into the household of that number in the
// community, else into the one of their dwelling; the first member makes it.
func (s *Service) joinHousehold(tx db.Tx, p *person, number string, now time.Time) error {
	if p.household != "" || number == "" && p.place.Depth() < linli.DepthDwelling {
		return nil
	}
	var w db.Where
	if number != "" {
		w.And("number = ? AND number <> ''", number)
		w.Inside("place", p.place.At(linli.DepthRegion))
	} else {
		w.And("place = ?", p.place)
	}
	err := tx.QueryRow(`SELECT id FROM resident_household WHERE `+w.String()+` ORDER BY id LIMIT 1`, w.Args()...).Scan(&p.household)
	if errors.Is(err, sql.ErrNoRows) {
		p.household, err = s.insertHousehold(tx, HouseholdDraft{Place: p.place, Address: p.address, Number: number}, now)
	}
	return err
}

// takeContact keeps the contact a row names, once.
func (s *Service) takeContact(tx db.Tx, id linli.ResidentID, c *ContactDraft) error {
	if c == nil {
		return nil
	}
	n, err := tx.Exec(`UPDATE resident_contact SET phone = $1, relation = $2 WHERE person_id = $3 AND name = $4`, c.Phone, c.Relation, id, c.Name)
	if err != nil || n > 0 {
		return err
	}
	_, err = s.putContact(tx, id, *c)
	return err
}
