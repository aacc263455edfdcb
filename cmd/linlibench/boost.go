package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"linli/cmd/linlibench/bench"
	"linli/decide/boost"
)

// boostCommand trains decide/boost on a table and judges it on rows it has not seen.
type boostCommand struct {
	CSV       string  `name:"csv" help:"Table with a header; blank is missing, words are categories." placeholder:"FILE" xor:"table" required:""`
	Made      string  `help:"Make a table of ROWSxCOLUMNS from the seed instead." placeholder:"100000x20" xor:"table" required:""`
	Label     string  `help:"Column to predict; y of a made table." placeholder:"COL"`
	Group     string  `help:"Column of the query a row belongs to (rank); q of a made table." placeholder:"COL"`
	Loss      string  `help:"l2, logistic, poisson, tweedie, quantile or rank." enum:"l2,logistic,poisson,tweedie,quantile,rank" default:"l2"`
	Trees     int     `help:"Number of trees." default:"100"`
	Leaves    int     `help:"Leaves of a tree." default:"31"`
	Rate      float64 `help:"Learning rate." default:"0.1"`
	Bins      int     `help:"Value bins of a column, 2 to 255." default:"255"`
	MinWeight float64 `help:"Least weight of rows in a leaf." default:"20"`
	Alpha     float64 `help:"Quantile to predict." default:"0.5"`
	Power     float64 `help:"Power of the Tweedie variance." default:"1.5"`
	TestShare float64 `help:"Share of the rows to judge on, where no column is_test says which." default:"0.2"`
	Write     string  `help:"Write the table with the split as last column is_test." placeholder:"CSV"`
}

// Run is the command.
func (c *boostCommand) Run(ctx context.Context, r *bench.Report) error {
	t, err := c.table(r)
	if err != nil {
		return err
	}
	if err := c.split(r, t); err != nil {
		return err
	}
	if c.Write != "" {
		if err := t.write(r, c.Write); err != nil {
			return err
		}
	}
	train, test := t.part(false), t.part(true)
	r.Set("loss", c.Loss)
	r.Set("n_train", len(train.y))
	r.Set("n_test", len(test.y))
	r.Set("n_columns", len(t.columns))
	if len(train.y) == 0 || len(test.y) == 0 {
		return bench.Usage("test_share", "训练或测试部分没有数据行", "the training or the test part has no row")
	}
	p := boost.Params{Loss: boost.Loss(c.Loss), Trees: c.Trees, Leaves: c.Leaves, Rate: c.Rate, MinWeight: c.MinWeight, Alpha: c.Alpha, Power: c.Power, Threads: r.Threads}
	r.Progress("%d rows train, %d are judged", len(train.y), len(test.y))

	begin, cpu := time.Now(), bench.CPU()
	d, err := boost.NewDataset(train.columns, nil, train.groups, c.Bins)
	if err != nil {
		return refused(t.name, err)
	}
	r.Set("bin_s", bench.Round(time.Since(begin).Seconds(), 4))
	r.Set("bin_cpu_s", bench.Round((bench.CPU()-cpu).Seconds(), 4))
	begin, cpu = time.Now(), bench.CPU()
	m, err := boost.Train(ctx, d, train.y, p, r.Seed)
	if err != nil {
		return refused(t.name, err)
	}
	r.Set("train_s", bench.Round(time.Since(begin).Seconds(), 4))
	r.Set("train_cpu_s", bench.Round((bench.CPU()-cpu).Seconds(), 4))
	if m.Trees() < c.Trees {
		return context.Canceled
	}
	return c.judge(r, m, p, train, test)
}

func (c *boostCommand) judge(r *bench.Report, m *boost.Model, p boost.Params, train, test *frame) error {
	seen, _, err := m.Predict(train.rows())
	if err != nil {
		return err
	}
	rows := test.rows()
	cpu := bench.CPU()
	got, outside, err := m.Predict(rows)
	if err != nil {
		return err
	}
	r.Set("predict_us_per_row", bench.Round(float64((bench.CPU()-cpu).Nanoseconds())/1e3/float64(len(rows)), 3))
	r.Set("rows_outside", outside)

	score := func(f *frame, predicted []float64) (float64, error) {
		if p.Loss == boost.Rank {
			return boost.NDCG(predicted, f.y, f.groups, 10)
		}
		return p.Deviance(predicted, f.y, nil)
	}
	for _, s := range []struct {
		key       string
		f         *frame
		predicted []float64
	}{{"train_loss", train, seen}, {"test_loss", test, got}} {
		loss, err := score(s.f, s.predicted)
		if err != nil {
			return refused(test.name, err)
		}
		r.Set(s.key, bench.Number(bench.Round(loss, 6)))
	}
	names := map[boost.Loss]string{boost.L2: "mean squared error", boost.Logistic: "mean binomial deviance: twice the log loss", boost.Poisson: "mean Poisson deviance",
		boost.Tweedie: "mean Tweedie deviance", boost.Quantile: "mean pinball loss", boost.Rank: "NDCG@10, higher is better"}
	r.Set("loss_is", names[p.Loss])

	reportGain(r, m.Names(), m.Gain())
	r.Set("model_digest", m.Digest())
	for i, v := range got {
		r.Answer("%d %x\n", i, math.Float64bits(v))
	}
	return c.promises(r, m, rows, got)
}

// reportGain lists what the columns gained, the most useful first.
func reportGain(r *bench.Report, names []string, gain []float64) {
	type row struct {
		Column   string       `json:"column"`
		Gain     bench.Number `json:"gain"`
		SharePct bench.Number `json:"share_pct"`
	}
	total := 0.0
	for _, g := range gain {
		total += g
	}
	rows := make([]row, len(gain))
	for j, g := range gain {
		rows[j] = row{names[j], bench.Number(bench.Round(g, 4)), bench.Number(bench.Round(100*g/total, 2))}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.Gain, a.Gain) })
	r.Set("gain", rows)
	if total == 0 {
		r.Note("no split was worth making: the shares of the gain are null")
	}
}

// promises checks on the judged rows what the room promises: a stored model
// answers the same, and the contributions add up.
func (c *boostCommand) promises(r *bench.Report, m *boost.Model, rows [][]float64, got []float64) error {
	stored, err := m.MarshalBinary()
	if err != nil {
		return err
	}
	r.Set("model_kib", bench.Round(float64(len(stored))/1024, 1))
	var again boost.Model
	if err := again.UnmarshalBinary(stored); err != nil {
		return err
	}
	same, _, err := again.Predict(rows)
	if err != nil {
		return err
	}
	r.Check("stored_equal", slices.Equal(got, same), "the stored model answers %d rows", len(rows))
	worst := 0.0
	for i := range min(len(rows), 1000) {
		base, shares, err := m.Contributions(rows[i])
		if err != nil {
			return err
		}
		for _, s := range shares {
			base += s
		}
		predicted := base
		switch boost.Loss(c.Loss) {
		case boost.Logistic:
			predicted = 1 / (1 + math.Exp(-base))
		case boost.Poisson, boost.Tweedie:
			predicted = math.Exp(base)
		}
		worst = max(worst, math.Abs(predicted-got[i])/max(1, math.Abs(got[i])))
	}
	r.Check("contributions_sum", worst < 1e-9, "largest difference %.1e", worst)
	return nil
}

// refused turns what the room says about a table into a failure of the input.
func refused(name string, err error) error {
	return bench.Malformed(name, 0, "", "数据不能用于训练："+err.Error(), err.Error())
}

// frame is a table in memory.
type frame struct {
	name    string
	columns []boost.Column
	y       []float64
	groups  []int // nil without
	label   string
	group   string
	words   [][]string // of category columns: code → word
	test    []bool     // nil until the split is known
}

func (c *boostCommand) table(r *bench.Report) (*frame, error) {
	if c.Made != "" {
		a, b, ok := strings.Cut(c.Made, "x")
		n, err1 := strconv.Atoi(a)
		k, err2 := strconv.Atoi(b)
		if !ok || err1 != nil || err2 != nil || n < 10 || n > 100_000_000 || k < 5 || k > 10_000 {
			return nil, bench.Usage("made", "--made 形如 100000x20，至少 10x5", "--made looks like 100000x20, at least 10x5")
		}
		return makeTable(n, k, boost.Loss(c.Loss), r.Seed), nil
	}
	if c.Label == "" {
		return nil, bench.Usage("label", "请用 --label 指定目标列", "name the column to predict with --label")
	}
	if c.Loss == "rank" && c.Group == "" {
		return nil, bench.Usage("group", "排序需要 --group", "a ranking needs --group")
	}
	return readTable(r, c.CSV, c.Label, c.Group)
}

// split fills test, by the seed; rows of a group stay together.
func (c *boostCommand) split(r *bench.Report, t *frame) error {
	if t.test != nil {
		return nil
	}
	if !(c.TestShare > 0 && c.TestShare < 1) {
		return bench.Usage("test_share", "--test-share 须在 0 与 1 之间", "--test-share lies between 0 and 1")
	}
	t.test = make([]bool, len(t.y))
	for i := range t.y {
		key := uint64(i)
		if t.groups != nil {
			key = uint64(t.groups[i])
		}
		t.test[i] = unit(r.Seed, key) < c.TestShare
	}
	return nil
}

// part is one side of the split.
func (t *frame) part(test bool) *frame {
	out := &frame{name: t.name}
	pick := func(values []float64) (picked []float64) {
		for i, v := range values {
			if t.test[i] == test {
				picked = append(picked, v)
			}
		}
		return picked
	}
	for _, c := range t.columns {
		c.Values = pick(c.Values)
		out.columns = append(out.columns, c)
	}
	out.y = pick(t.y)
	if t.groups != nil {
		for i, g := range t.groups {
			if t.test[i] == test {
				out.groups = append(out.groups, g)
			}
		}
	}
	return out
}

func (t *frame) rows() [][]float64 {
	rows := make([][]float64, len(t.y))
	all := make([]float64, 0, len(t.y)*len(t.columns))
	for i := range rows {
		for _, c := range t.columns {
			all = append(all, c.Values[i])
		}
		rows[i] = all[len(all)-len(t.columns):]
	}
	return rows
}

// write stores the table so that other programs can train on the same rows.
func (t *frame) write(r *bench.Report, path string) error {
	f, err := r.CreateAt(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := t.writeTo(f); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return f.Close()
}

func (t *frame) writeTo(f *os.File) error {
	w := bufio.NewWriter(f)
	for _, c := range t.columns {
		fmt.Fprintf(w, "%s,", quoted(c.Name))
	}
	if t.groups != nil {
		fmt.Fprintf(w, "%s,", quoted(t.group))
	}
	fmt.Fprintf(w, "%s,is_test\n", quoted(t.label))
	for i, y := range t.y {
		for j, c := range t.columns {
			switch v := c.Values[i]; {
			case v != v:
			case c.Category:
				w.WriteString(quoted(t.words[j][int(v)]))
			default:
				w.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
			}
			w.WriteByte(',')
		}
		if t.groups != nil {
			fmt.Fprintf(w, "%d,", t.groups[i])
		}
		w.WriteString(strconv.FormatFloat(y, 'g', -1, 64))
		if t.test[i] {
			w.WriteString(",1\n")
		} else {
			w.WriteString(",0\n")
		}
	}
	return w.Flush()
}

// quoted is a CSV field.
func quoted(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") || s != strings.TrimSpace(s) {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}
