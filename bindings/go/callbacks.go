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

//export aicreditsGoSupply
func aicreditsGoSupply(handle C.uintptr_t, supply *C.aicredits_supply) {
	fail := func(message string) {
		withText(message, func(text *C.char) { C.aicredits_supply_failure(supply, text) })
	}
	// A panic must not unwind through the library's frames.
	defer func() {
		if panicked := recover(); panicked != nil {
			fail(fmt.Sprint("the supplier panicked: ", panicked))
		}
	}()
	value, err := cgo.Handle(handle).Value().(func() (string, error))()
	if err != nil {
		fail(err.Error())
		return
	}
	withText(value, func(text *C.char) { C.aicredits_supply_value(supply, text) })
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
	// A record is no reason to end a call, and a panic must not unwind through the library's frames.
	defer func() { _ = recover() }()
	if to := logger.Load(); to != nil {
		to.Log(context.Background(), levels[level], C.GoStringN(message, C.int(length)))
	}
}
