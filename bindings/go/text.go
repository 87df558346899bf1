//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"strings"
	"unsafe"
)

// escaped makes text from the server safe to show.
func escaped(text string) string {
	var shown [C.AICREDITS_TEXT_SIZE]C.char
	length := C.aicredits_text_escape((*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)), &shown[0], C.AICREDITS_TEXT_SIZE)
	return C.GoStringN(&shown[0], C.int(length))
}

// terminated replaces each NUL, at which a C string would end, with another control character. The library then refuses the
// text instead of reading a part of it.
func terminated(text string) string {
	return strings.ReplaceAll(text, "\x00", "\x01")
}

// text copies a text of the library.
func text(text *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(text)), length))
}
