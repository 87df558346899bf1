//go:build cgo && linux && aicredits_use_lib

package aicredits

// The library that the environment variable CGO_LDFLAGS names. README.md shows how to set the variable.

import "C"
