//go:build cgo && linux && !aicredits_dev && !aicredits_use_lib

package aicredits

// An installed library, found by its pkg-config file: README.md tells how to install it.

// #cgo pkg-config: aicredits
import "C"
