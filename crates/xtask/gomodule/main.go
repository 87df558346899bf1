// Gomodule packs a folder as one version of a Go module, in the file tree that GOPROXY reads:
//
//	gomodule FOLDER MODULE VERSION TIME PROXY
//
// TIME is when the version was made, in seconds since 1970. PROXY is the root of the tree.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gomodule:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 5 {
		return fmt.Errorf("needs FOLDER MODULE VERSION TIME PROXY")
	}
	folder, version, proxy := arguments[0], module.Version{Path: arguments[1], Version: arguments[2]}, arguments[4]
	seconds, err := strconv.ParseInt(arguments[3], 10, 64)
	if err != nil {
		return err
	}
	// Checks both: a proxy refuses what this refuses.
	if err := module.Check(version.Path, version.Version); err != nil {
		return err
	}
	path, err := module.EscapePath(version.Path)
	if err != nil {
		return err
	}
	name, err := module.EscapeVersion(version.Version)
	if err != nil {
		return err
	}
	versions := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(versions, 0o755); err != nil {
		return err
	}
	manifest, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version.Version, time.Unix(seconds, 0).UTC()})
	if err != nil {
		return err
	}
	for file, text := range map[string][]byte{
		"list":         []byte(version.Version + "\n"),
		name + ".info": info,
		name + ".mod":  manifest,
	} {
		if err := os.WriteFile(filepath.Join(versions, file), text, 0o644); err != nil {
			return err
		}
	}
	packed, err := os.Create(filepath.Join(versions, name+".zip"))
	if err != nil {
		return err
	}
	// It refuses a module that is larger than 500 MB, and leaves out what is no part of a module.
	if err := zip.CreateFromDir(packed, version, folder); err != nil {
		return err
	}
	return packed.Close()
}
