package main

import (
	"os"
	"runtime/pprof"
)

// profile writes the profile of the processor to a file until stop is called; an
// empty path is none.
func profile(create func(path string) (*os.File, error), path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	f, err := create(path)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		f.Close()
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
