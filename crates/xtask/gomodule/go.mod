module example/gomodule

go 1.24.0

// The rules by which a module proxy packs a module: names, limits, and the same bytes for the same files.
require golang.org/x/mod v0.31.0
