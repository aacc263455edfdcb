// Package ui carries the built web pages inside the binary and serves them:
// the console at /, the phone pages at /h/ (residents) and /w/ (workers).
//
// Only the compressed form of a text file is embedded. HTML stays plain because
// each answer carries a fresh nonce, without which the console's run-time styles
// would need a weaker content security policy.
package ui

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed all:dist
var dist embed.FS

// Handler serves the embedded pages. Paths without a dot that start no known
// file get the page of their entry, so that a link into the application works;
// /api/ is never answered here. Without a built web every page says how to build it.
func Handler() http.Handler {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder name is a constant of this package
	}
	return newSite(root)
}
