package aicredits

// #include <stdlib.h>
// #include "aicredits.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/cgo"
	"sync/atomic"
)

// answer is what a supplier gave.
type answer struct {
	value string
	err   error
}

// on runs a function on a goroutine of its own, and gives what it gave. There a panic unwinds, and runtime.Goexit ends,
// nothing but that goroutine: the library's frames are on this one.
func on(run func() (string, error)) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		given := answer{err: errors.New("it ended its goroutine")}
		defer func() {
			if panicked := recover(); panicked != nil {
				given = answer{err: fmt.Errorf("it panicked: %v", panicked)}
			}
			answers <- given
		}()
		value, err := run()
		given = answer{value, err}
	}()
	return answers
}

//export aicreditsGoSupply
func aicreditsGoSupply(handle, lent C.uintptr_t, supply *C.aicredits_supply) {
	ctx := cgo.Handle(lent).Value().(context.Context)
	supplier := cgo.Handle(handle).Value().(func(context.Context) (string, error))
	var given answer
	select {
	case given = <-on(func() (string, error) { return supplier(ctx) }):
	case <-ctx.Done():
		given.err = ctx.Err()
	}
	if given.err != nil {
		withText(given.err.Error(), func(text *C.char) { C.aicredits_supply_failure(supply, text) })
		return
	}
	withText(given.value, func(text *C.char) { C.aicredits_supply_value(supply, text) })
}

//export aicreditsGoDestroy
func aicreditsGoDestroy(handle C.uintptr_t) {
	cgo.Handle(handle).Delete()
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
