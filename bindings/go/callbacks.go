//go:build cgo && linux

package aicredits

// #include <stdlib.h>
// #include "aicredits.h"
import "C"

import "runtime/cgo"

//export aicreditsGoProvideCredential
func aicreditsGoProvideCredential(handle, provider C.uintptr_t, credential *C.aicredits_credential) {
	var given answer
	if handle == 0 {
		// A thread of a fleet, which makes no call of Go.
		given = provideForFleet(provider)
	} else {
		given = cgo.Handle(handle).Value().(*call).provideCredential()
	}
	if given.failed {
		withText(given.failure, func(text *C.char) { C.aicredits_credential_set_failure(credential, text) })
		return
	}
	withText(given.value, func(text *C.char) { C.aicredits_credential_set_authorization(credential, text) })
}

//export aicreditsGoLog
func aicreditsGoLog(handle C.uintptr_t, level C.int32_t, message *C.char, length C.size_t) {
	var of *call
	if handle != 0 {
		of = cgo.Handle(handle).Value().(*call)
	}
	record(of, level, text(message, length))
}

//export aicreditsGoWake
func aicreditsGoWake(number C.uintptr_t) {
	waker{number}.wake()
}
