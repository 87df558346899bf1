//go:build cgo && linux && aicredits_system && !aicredits_dev

package aicreditstest

// The installed library, which pkg-config finds. README.md shows how to install the library.

// #cgo pkg-config: aicredits-emulator
import "C"
