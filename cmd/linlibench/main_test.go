package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"linli/cmd/linlibench/bench"
)

// call runs the program and reads the one object it must print.
func call(t *testing.T, args ...string) (code int, out map[string]any) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(context.Background(), args, &stdout, &stderr)
	d := json.NewDecoder(&stdout)
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v: %v; standard error: %s", args, err, &stderr)
	}
	if d.More() {
		t.Fatalf("%v: more than one object", args)
	}
	return code, out
}

// madeFile writes 90 easy messages of three labels; every fifth has a title and a body.
func madeFile(t *testing.T, name string) string {
	t.Helper()
	topics := [][]string{{"电梯 停运", "物业 维修"}, {"工资 拖欠", "社保 补缴"}, {"学校 补课", "老师 收费"}}
	var b strings.Builder
	b.WriteString("\ufeff")
	for i := range 90 {
		words := fmt.Sprintf("%s %s 第 %d 次 反映", topics[i%3][i%2], topics[i%3][(i+1)%2], i)
		row := map[string]any{"row": i, "label": fmt.Sprintf("部门%d", i%3), "tokens": words, "extra": []int{1}}
		if i%5 == 0 {
			row["title"], row["body"] = "关于"+strings.ReplaceAll(words, " ", ""), "请尽快处理。"
		}
		j, _ := json.Marshal(row)
		b.Write(append(j, '\r', '\n'))
		if i == 7 { // the same tokens under a higher row
			fmt.Fprintf(&b, `{"row": 900, "label": "部门9", "tokens": %q}`+"\n\n", words)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(b.String()))
	z.Close()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTextPrintsEveryPromisedKeyAndNoPath(t *testing.T) {
	t.Parallel()
	path := madeFile(t, "made.jsonl") // packed, though its name does not say so
	predictions := filepath.Join(t.TempDir(), "p.jsonl")
	code, out := call(t, "text", "--train", path, "--cv=3", "--quiet", "--curve", "50,100", "--predictions", predictions)
	if code != 0 {
		t.Fatalf("code %d: %v", code, out["error"])
	}
	for _, key := range strings.Fields(`command version go goarch seed threads args inputs started_at wall_s cpu_s peak_rss_mib checks digest notes
		n_train n_test n_duplicates_dropped fold_sizes accuracy macro_f1 per_label confusion confident_85 ece curve train_s us_per_message model_mib baselines files`) {
		if _, ok := out[key]; !ok {
			t.Errorf("key %s is missing", key)
		}
	}
	if out["n_train"] != 90.0 || out["n_test"] != 90.0 || out["n_duplicates_dropped"] != 1.0 || out["macro_f1"] != 1.0 {
		t.Errorf("train %v test %v dropped %v macro %v", out["n_train"], out["n_test"], out["n_duplicates_dropped"], out["macro_f1"])
	}
	if want := []any{"text", "--train", "made.jsonl", "--cv=3", "--quiet", "--curve", "50,100", "--predictions", "p.jsonl"}; !reflect.DeepEqual(out["args"], want) {
		t.Errorf("args %v", out["args"])
	}
	lines, err := os.ReadFile(predictions)
	if err != nil || bytes.Count(lines, []byte("\n")) != 90 {
		t.Errorf("%d predictions, %v", bytes.Count(lines, []byte("\n")), err)
	}
}

func TestThreadsAndRepeatsChangeNoAnswer(t *testing.T) {
	t.Parallel()
	path := madeFile(t, "made.jsonl.gz")
	_, one := call(t, "text", "--train", path, "--cv", "3", "--quiet", "--bits", "12")
	_, two := call(t, "text", "--train", path, "--cv", "3", "--quiet", "--bits", "12", "--threads", "2")
	if one["digest"] == "" || one["digest"] != two["digest"] {
		t.Errorf("digests %v and %v", one["digest"], two["digest"])
	}
}

func TestRawJudgesOnlyMessagesThatWereWritten(t *testing.T) {
	t.Parallel()
	path := madeFile(t, "made.jsonl.gz")
	for field, want := range map[string]float64{"raw": 18, "title": 18, "tokens": 90, "auto": 90} {
		if _, out := call(t, "text", "--train", path, "--cv", "3", "--quiet", "--field", field, "--bits", "12"); out["n_test"] != want {
			t.Errorf("%s: %v judged, want %v", field, out["n_test"], want)
		}
	}
}

func TestTestRowsNeverTrain(t *testing.T) {
	t.Parallel()
	path := madeFile(t, "made.jsonl.gz")
	code, out := call(t, "text", "--train", path, "--test", path, "--quiet", "--bits", "12")
	if code != bench.ExitMalformed || out["n_train"] != 0.0 {
		t.Errorf("code %d, %v rows train on what they are judged by", code, out["n_train"])
	}
	test := filepath.Join(t.TempDir(), "test.jsonl")
	os.WriteFile(test, []byte(`{"row": 1, "label": "部门1", "tokens": "拖欠 工资"}`+"\n"+`{"row": 2, "body": "学校补课"}`), 0o600)
	code, out = call(t, "text", "--train", path, "--test", test, "--quiet", "--bits", "12", "--online")
	if code != 0 || out["n_test"] != 2.0 || out["accuracy"] != 1.0 || out["fold_sizes"] != nil {
		t.Errorf("code %d: %v", code, out)
	}
}

func TestEveryFailureIsOneObjectWithItsCode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := `{"row": 0, "label": "a", "tokens": "甲 乙"}` + "\n"
	for _, c := range []struct {
		args  []string
		code  int
		kind  string
		line  any
		field any
	}{
		{[]string{}, 2, "usage", nil, nil},
		{[]string{"nonsense"}, 2, "usage", nil, nil},
		{[]string{"text"}, 2, "usage", nil, nil},
		{[]string{"text", "--train", "x", "--field", "nonsense"}, 2, "usage", nil, nil},
		{[]string{"text", "--train", "x", "--ngrams", "3-1"}, 2, "usage", nil, "ngrams"},
		{[]string{"text", "--train", "x", "--bits", "60"}, 2, "usage", nil, "bits"},
		{[]string{"text", "--train", "x", "--cv", "1"}, 2, "usage", nil, "cv"},
		{[]string{"text", "--train", "x", "--curve", "0"}, 2, "usage", nil, "curve"},
		{[]string{"text", "--train", "x", "--threads", "0"}, 2, "usage", nil, "threads"},
		{[]string{"text", "--train", filepath.Join(dir, "absent.jsonl")}, 3, "missing", nil, nil},
		{[]string{"text", "--train", t.TempDir()}, 3, "missing", nil, nil},
		{[]string{"text", "--train", file("a.jsonl", good+"\n{")}, 4, "malformed", 3.0, nil},
		{[]string{"text", "--train", file("b.jsonl", good+`{"row": "x", "label": "a", "tokens": "b"}`)}, 4, "malformed", 2.0, "row"},
		{[]string{"text", "--train", file("c.jsonl", `{"row": 1, "tokens": "b"}`)}, 4, "malformed", 1.0, "label"},
		{[]string{"text", "--train", file("d.jsonl", `{"row": 1, "label": "b"}`)}, 4, "malformed", 1.0, "tokens"},
		{[]string{"text", "--train", file("e.jsonl", "\x1f\x8bnonsense")}, 4, "malformed", nil, nil},
		{[]string{"text", "--train", file("f.jsonl", "")}, 4, "malformed", nil, "label"},
	} {
		code, out := call(t, append(c.args, "--quiet")...)
		e, _ := out["error"].(map[string]any)
		if code != c.code || e["kind"] != c.kind || e["line"] != c.line || e["field"] != c.field || e["message_zh"] == "" || e["message_en"] == "" {
			t.Errorf("%v: code %d, error %v", c.args, code, e)
		}
		if s := fmt.Sprint(out); strings.Contains(s, dir) {
			t.Errorf("%v: the object names a whole path: %s", c.args, s)
		}
	}
	if code, out := call(t, "--help"); code != 0 || out["error"] != nil {
		t.Errorf("help: code %d, %v", code, out["error"])
	}
}

func TestACanceledRunSaysThatThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout bytes.Buffer
	if code := run(ctx, []string{"text", "--train", madeFile(t, "made.jsonl"), "--quiet"}, &stdout, &bytes.Buffer{}); code != bench.ExitLimit || !json.Valid(stdout.Bytes()) {
		t.Errorf("code %d: %s", code, &stdout)
	}
}

func TestFiguresThatAreNoNumbersPrintAsNull(t *testing.T) {
	t.Parallel()
	r := bench.New(nil, time.Now(), &bytes.Buffer{})
	r.Set("a", bench.Number(nan()))
	r.Check("broken", false, "%d of %d", 1, 2)
	var out bytes.Buffer
	if code := r.Print(&out, nil); code != bench.ExitCheck || !strings.Contains(out.String(), `"a":null`) || !json.Valid(out.Bytes()) {
		t.Errorf("code %d: %s", code, &out)
	}
	r.Set("a", nan())
	out.Reset()
	if code := r.Print(&out, nil); code != bench.ExitInternal || !json.Valid(out.Bytes()) {
		t.Errorf("a naked NaN: code %d: %s", code, &out)
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}

// The contract's vectors on the public training file: counts, folds, the hash
// of the first row, and both naive Bayes baselines.
func TestPublicVectorsAreMetExactly(t *testing.T) {
	t.Parallel()
	dir := dataFolder(t)
	path := filepath.Join(dir, "tipdm", "labelled.train.jsonl.gz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("data folder absent: %s", dir)
	}
	r := bench.New(nil, time.Now(), &bytes.Buffer{})
	c := &textCommand{Field: "tokens", CV: 5}
	rows, dropped, err := c.load(context.Background(), r, []string{path}, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 7229 || dropped != 138 || *rows[0].Row != 0 || rows[0].hash != 0x2f4e5ecb5f7a39f8 {
		t.Fatalf("%d rows, %d dropped, row 0 hashes to %x", len(rows), dropped, rows[0].hash)
	}
	splits := c.folds(r, rows)
	c.baselines(r, splits)
	var out bytes.Buffer
	r.Print(&out, nil)
	for _, want := range []string{
		`"fold_sizes":[1447,1423,1449,1482,1428]`,
		`"nb_words":{"accuracy":0.8648,"macro_f1":0.8447}`,
		`"nb_chars":{"accuracy":0.8434,"macro_f1":0.8009}`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is not in %s", want, &out)
		}
	}
}

// dataFolder is ../shared/data as seen from the folder of go.mod.
func dataFolder(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "..", "shared", "data")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above this package")
		}
		dir = filepath.Dir(dir)
	}
}
