//go:build cgo && linux && !aicredits_dev && !aicredits_use_lib

package aicreditstest

// The installed library, which pkg-config finds. README.md shows how to install the library.

// #cgo pkg-config: aicredits-emulator
import "C"
