//go:build cgo && linux

package aicredits

// #include <stdlib.h>
// #include "aicredits.h"
import "C"

import (
	"fmt"
	"runtime/cgo"
)

// answer is what a provider gave: a value, or why there is none.
type answer struct {
	value   string
	failed  bool
	failure string
	// What failure tells of, where it is an error.
	err error
}

// on runs a function on a goroutine of its own, and gives what it gave. There a panic unwinds, and runtime.Goexit ends,
// nothing but that goroutine: the library's frames are on this one.
func on(run func() (string, error)) <-chan answer {
	answers := make(chan answer, 1)
	go answerWith(run, answers)
	return answers
}

// providerFrame is the end of the name of answerWith, by which a call finds that a provider makes it.
const providerFrame = ".answerWith"

func answerWith(run func() (string, error), answers chan<- answer) {
	given := answer{failed: true, failure: "it ended its goroutine"}
	defer func() { answers <- given }()
	defer func() {
		if panicked := recover(); panicked != nil {
			// Showing it may panic as well.
			defer func() { recover() }()
			given.failure = "it panicked"
			given.failure = fmt.Sprint("it panicked: ", panicked)
			given.err, _ = panicked.(error)
		}
	}()
	value, err := run()
	if err == nil {
		given = answer{value: value}
		return
	}
	// That may panic too: a nil pointer within an error is no nil error.
	given.failure, given.err = err.Error(), err
}

//export aicreditsGoProvideCredential
func aicreditsGoProvideCredential(handle C.uintptr_t, credential *C.aicredits_credential) {
	given := cgo.Handle(handle).Value().(*call).provideCredential()
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
