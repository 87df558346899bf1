package aicredits

// #include <stdlib.h>
// #include "aicredits.h"
import "C"

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/cgo"
	"sync/atomic"
)

// answer is what a supplier gave: a value, or why there is none.
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
	go func() {
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
	}()
	return answers
}

//export aicreditsGoSupply
func aicreditsGoSupply(lent C.uintptr_t, supply *C.aicredits_supply) {
	given := cgo.Handle(lent).Value().(*call).supply()
	if given.failed {
		withText(given.failure, func(text *C.char) { C.aicredits_supply_failure(supply, text) })
		return
	}
	withText(given.value, func(text *C.char) { C.aicredits_supply_value(supply, text) })
}

var logger atomic.Pointer[slog.Logger]

var levels = map[C.int32_t]slog.Level{
	C.AICREDITS_LOG_ERROR: slog.LevelError,
	C.AICREDITS_LOG_WARN:  slog.LevelWarn,
	C.AICREDITS_LOG_INFO:  slog.LevelInfo,
	C.AICREDITS_LOG_DEBUG: slog.LevelDebug,
}

//export aicreditsGoLog
func aicreditsGoLog(level C.int32_t, message *C.char, length C.size_t) {
	to := logger.Load()
	if to == nil {
		return
	}
	text := C.GoStringN(message, C.int(length))
	// Whatever the handler does, a record is no reason to end a call.
	<-on(func() (string, error) {
		to.Log(context.Background(), levels[level], text)
		return "", nil
	})
}
