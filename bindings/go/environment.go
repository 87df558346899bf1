package aicredits

// #include <stdlib.h>
// #include "native.h"
import "C"

import (
	"os"
	"unsafe"
)

// The variables that the library reads when a client is made.
var variables = []string{
	"WIX_API_KEY", "WIX_ACCOUNT_ID", "WIX_SITE_ID", "AICREDITS_BASE_URL",
	"https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
	"SSL_CERT_FILE", "SSL_CERT_DIR",
}

// setEnvironment passes what Go reads under its own lock: C's getenv is not safe while os.Setenv runs.
func setEnvironment(config *C.aicredits_config) {
	var pairs []string
	for _, name := range variables {
		if value := os.Getenv(name); value != "" {
			pairs = append(pairs, name+"="+value)
		}
	}
	size := unsafe.Sizeof((*C.char)(nil))
	array := (**C.char)(C.calloc(C.size_t(len(pairs)+1), C.size_t(size)))
	defer C.free(unsafe.Pointer(array))
	entries := unsafe.Slice(array, len(pairs)+1)
	for i, pair := range pairs {
		entries[i] = C.CString(pair)
	}
	defer func() {
		for i, pair := range pairs {
			// One of these is the key.
			clear(unsafe.Slice((*byte)(unsafe.Pointer(entries[i])), len(pair)))
			C.free(unsafe.Pointer(entries[i]))
		}
	}()
	C.aicredits_config_set_environment(config, array)
}
