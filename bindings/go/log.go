package aicredits

// #include "native.h"
import "C"

import (
	"context"
	"log/slog"
	"sync"
)

var setLogger sync.Mutex

// SetLogger sends the records of all clients to a logger, as far as it is enabled at this moment; nil for none. There is
// one a process: it replaces an earlier one. A record begins with the name of its client, where that has one, and never
// holds a credential. A call waits while its record is handled, beyond its deadline too; the handler must not make a call.
func SetLogger(to *slog.Logger) {
	// The logger and the library's level go together.
	setLogger.Lock()
	defer setLogger.Unlock()
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
