//go:build !cgo

package aicredits

// The library is native code: there is nothing that this package could do without cgo.
var _ = aicredits_needs_cgo__set_CGO_ENABLED_1_and_have_a_C_compiler
