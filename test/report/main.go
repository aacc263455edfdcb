// Command report reads the JSON of go test and prints what a person wants to
// know: a line per package, failures in full, skips with their reasons.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: report FILE")
		os.Exit(2)
	}
	f, err := os.Open(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer f.Close()
	output := map[string][]string{}
	var passed, failed, skipped int
	var skips []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text()) // a compiler speaks
			continue
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output":
			output[key] = append(output[key], e.Output)
			continue
		case "pass", "fail", "skip":
		case "build-output":
			fmt.Print(e.Output)
			continue
		default:
			continue
		}
		if e.Test == "" {
			if e.Action != "skip" { // a package without tests says nothing
				fmt.Printf("%-5s %7.1fs  %s\n", map[string]string{"pass": "ok", "fail": "FAIL"}[e.Action], e.Elapsed, e.Package)
			}
			if e.Action == "fail" {
				fmt.Print(strings.Join(output[key], ""))
			}
			continue
		}
		switch e.Action {
		case "pass":
			passed++
		case "skip":
			skipped++
			why := ""
			for _, l := range output[key] {
				if l = strings.TrimSpace(l); !strings.HasPrefix(l, "===") && !strings.HasPrefix(l, "---") && l != "" {
					why = l
				}
			}
			skips = append(skips, key+": "+why)
		case "fail":
			failed++
			fmt.Printf("FAIL %s\n%s", key, strings.Join(output[key], ""))
		}
		delete(output, key)
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	slices.Sort(skips)
	for _, s := range skips {
		fmt.Println("skipped", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped)
}
