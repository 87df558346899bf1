//go:build cgo && linux && aicredits_use_lib

package aicreditstest

// The library that the environment variable CGO_LDFLAGS names. README.md shows how to set the variable.

import "C"
