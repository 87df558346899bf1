//go:build cgo && linux && !aicredits_dev && !aicredits_use_lib

package aicredits

// The installed library, which pkg-config finds. README.md shows how to install the library.

// #cgo pkg-config: aicredits
import "C"
