package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"linli/cmd/linlibench/bench"
)

func TestBoostPrintsEveryPromisedKeyForEveryLoss(t *testing.T) {
	t.Parallel()
	for _, loss := range []string{"l2", "logistic", "poisson", "tweedie", "quantile", "rank"} {
		code, out := call(t, "boost", "--made", "3000x6", "--loss", loss, "--trees", "30", "--quiet")
		if code != 0 {
			t.Fatalf("%s: code %d: %v %v", loss, code, out["error"], out["checks"])
		}
		for _, key := range strings.Fields("train_loss test_loss bin_s train_s predict_us_per_row gain digest n_train n_test") {
			if out[key] == nil {
				t.Errorf("%s: key %s is missing", loss, key)
			}
		}
		share := out["n_test"].(float64) / 3000
		if share < 0.15 || share > 0.25 {
			t.Errorf("%s: the test part is %v", loss, share)
		}
	}
}

func TestAWrittenTableGivesTheSameAnswers(t *testing.T) {
	t.Parallel()
	for _, loss := range []string{"l2", "rank"} {
		path := filepath.Join(t.TempDir(), "t.csv")
		_, made := call(t, "boost", "--made", "2000x7", "--loss", loss, "--trees", "20", "--quiet", "--write", path)
		args := []string{"boost", "--csv", path, "--label", "y", "--loss", loss, "--trees", "20", "--quiet", "--threads", "2"}
		if loss == "rank" {
			args = append(args, "--group", "q")
		}
		code, read := call(t, args...)
		if code != 0 || made["digest"] != read["digest"] || made["test_loss"] != read["test_loss"] || made["n_test"] != read["n_test"] {
			t.Errorf("%s: code %d, digest %v and %v, loss %v and %v: %v", loss, code, made["digest"], read["digest"], made["test_loss"], read["test_loss"], read["error"])
		}
	}
}

func TestWordsAreCategoriesAndBlanksAreMissing(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("\ufeffkind,n,y\r\n")
	for i := range 600 {
		kind := []string{"bath", "\"meal, warm\"", "lift", ""}[i%4]
		b.WriteString(kind + ",")
		if i%3 > 0 {
			b.WriteString("7")
		}
		b.WriteString("," + []string{"1", "5", "2", "9"}[i%4] + "\r\n")
	}
	path := filepath.Join(t.TempDir(), "t.csv")
	os.WriteFile(path, []byte(b.String()), 0o600)
	code, out := call(t, "boost", "--csv", path, "--label", "y", "--quiet", "--rate", "1", "--trees", "5")
	if code != 0 || out["n_columns"] != 2.0 || out["test_loss"].(float64) > 1e-9 {
		t.Errorf("code %d: %v columns, loss %v, %v", code, out["n_columns"], out["test_loss"], out["error"])
	}
}

func TestBoostRefusesBadFilesAndFlags(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "t.csv")
		os.WriteFile(path, []byte(text), 0o600)
		return path
	}
	rows := "x,y\n1,0\n2,1\n3,0\n4,1\n5,1\n"
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"no table":     {nil, bench.ExitUsage},
		"two tables":   {[]string{"--csv", file(rows), "--made", "100x5"}, bench.ExitUsage},
		"made":         {[]string{"--made", "100"}, bench.ExitUsage},
		"no label":     {[]string{"--csv", file(rows)}, bench.ExitUsage},
		"no group":     {[]string{"--csv", file(rows), "--label", "y", "--loss", "rank"}, bench.ExitUsage},
		"share":        {[]string{"--csv", file(rows), "--label", "y", "--test-share", "1"}, bench.ExitUsage},
		"other label":  {[]string{"--csv", file(rows), "--label", "z"}, bench.ExitMalformed},
		"no rows":      {[]string{"--csv", file("x,y\n"), "--label", "y"}, bench.ExitMalformed},
		"ragged":       {[]string{"--csv", file("x,y\n1\n"), "--label", "y"}, bench.ExitMalformed},
		"no number":    {[]string{"--csv", file("x,y\n1,a\n"), "--label", "y"}, bench.ExitMalformed},
		"bad is_test":  {[]string{"--csv", file("x,y,is_test\n1,1,2\n"), "--label", "y"}, bench.ExitMalformed},
		"no file":      {[]string{"--csv", "/nowhere.csv", "--label", "y"}, bench.ExitMissing},
		"not 0 or 1":   {[]string{"--csv", file(strings.ReplaceAll(rows, ",1", ",3")), "--label", "y", "--loss", "logistic", "--test-share", "0.5"}, bench.ExitMalformed},
		"only a label": {[]string{"--csv", file("y\n1\n2\n3\n4\n5\n6\n"), "--label", "y", "--test-share", "0.5"}, bench.ExitMalformed},
	} {
		if code, out := call(t, append([]string{"boost", "--quiet"}, c.args...)...); code != c.code {
			t.Errorf("%s: code %d, not %d: %v", name, code, c.code, out["error"])
		}
	}
}
