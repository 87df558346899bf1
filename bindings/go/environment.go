package aicredits

// #include <stdlib.h>
// #include "native.h"
import "C"

import (
	"os"
	"unsafe"
)

// setEnvironment passes what Go reads under its own lock: C's getenv is not safe while os.Setenv runs. The library picks
// the variables that it knows, so that their names are listed there alone.
func setEnvironment(config *C.aicredits_config) {
	pairs := os.Environ()
	size := unsafe.Sizeof((*C.char)(nil))
	array := (**C.char)(C.calloc(C.size_t(len(pairs)+1), C.size_t(size)))
	defer C.free(unsafe.Pointer(array))
	entries := unsafe.Slice(array, len(pairs)+1)
	for i, pair := range pairs {
		entries[i] = C.CString(pair)
	}
	defer func() {
		for i, pair := range pairs {
			// One of these may be the key.
			clear(unsafe.Slice((*byte)(unsafe.Pointer(entries[i])), len(pair)))
			C.free(unsafe.Pointer(entries[i]))
		}
	}()
	C.aicredits_config_set_environment(config, array)
}
