package aicredits

// #include "native.h"
import "C"

import (
	"context"
	"log/slog"
)

// SetLogger sends the records of all clients to a logger, as far as it is enabled at this moment; nil for none. There is
// one a process: it replaces an earlier one. A record begins with the name of its client, where that has one, and never
// holds a credential. The logger is called on the goroutines that make calls; its handler must not make a call.
func SetLogger(to *slog.Logger) {
	level := C.aicredits_log_level(C.AICREDITS_LOG_OFF)
	if to != nil {
		for _, each := range []C.aicredits_log_level{
			C.AICREDITS_LOG_ERROR, C.AICREDITS_LOG_WARN, C.AICREDITS_LOG_INFO, C.AICREDITS_LOG_DEBUG,
		} {
			if to.Enabled(context.Background(), levels[each]) {
				level = each
			}
		}
	}
	logger.Store(to)
	on := C.int(0)
	if level != C.AICREDITS_LOG_OFF {
		on = 1
	}
	C.go_log_set(level, on)
}
