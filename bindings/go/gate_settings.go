//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

// nativeGateSettings is the library's configuration of a gate. Its setters copy their arguments, and aicredits_gate_new checks
// them.
type nativeGateSettings struct{ config *C.aicredits_gate_config }
