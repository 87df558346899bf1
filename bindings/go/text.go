//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"strings"
	"unsafe"
)

// escaped is server text, fit to be shown.
func escaped(text string) string {
	var shown [C.AICREDITS_TEXT_SIZE]C.char
	length := C.aicredits_text_escape((*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)), &shown[0], C.AICREDITS_TEXT_SIZE)
	return C.GoStringN(&shown[0], C.int(length))
}

// terminated is a text for the C library, which takes it up to its first NUL. One within it becomes another control
// character, so that the library refuses the text rather than see half of it.
func terminated(text string) string {
	return strings.ReplaceAll(text, "\x00", "\x01")
}

// text copies a text of the library's.
func text(text *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text)), length))
}
