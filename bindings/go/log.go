//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// sink is a logger. Each record that it handles holds inUse for reading. SetLogger locks inUse to wait for them.
type sink struct {
	logger *slog.Logger
	inUse  sync.RWMutex
}

var current atomic.Pointer[sink]

// libraryLevel is the library's log level: the most verbose level for which the logger was enabled so far.
var (
	libraryLevel atomic.Int32
	settingLevel sync.Mutex
)

// levels has the library's levels, the most verbose first.
var levels = [...]struct {
	native C.aicredits_log_level
	slog   slog.Level
}{
	{C.AICREDITS_LOG_DEBUG, slog.LevelDebug},
	{C.AICREDITS_LOG_INFO, slog.LevelInfo},
	{C.AICREDITS_LOG_WARN, slog.LevelWarn},
	{C.AICREDITS_LOG_ERROR, slog.LevelError},
}

// SetLogger sends the log records of all clients to a logger; nil turns logging off. The process has one logger: SetLogger
// replaces it, and the previous logger gets no record after SetLogger has returned.
//
//   - The logger's level is read for each call and each record, so you can change the level at any time.
//   - The handler gets the context of the call, and the ids of the scope as the attributes account_id and site_id.
//     The records of a [Fleet] have neither.
//   - A record starts with the name of its client, if the client has one. No record contains a credential.
//   - The handler runs during the call, and the call waits for it even after its deadline.
//   - The handler must not make a call, and must not call SetLogger.
func SetLogger(to *slog.Logger) {
	var next *sink
	if to != nil {
		next = &sink{logger: to}
	}
	settingLevel.Lock()
	replaced := current.Swap(next)
	libraryLevel.Store(int32(C.AICREDITS_LOG_OFF))
	C.aicredits_go_log_set(C.AICREDITS_LOG_OFF)
	settingLevel.Unlock()
	if next != nil {
		next.raiseLevel(context.Background())
	}
	if replaced != nil {
		replaced.inUse.Lock()
	}
}

// isLogged reports whether a call with this context may have log records, and raises the library's level for them.
func isLogged(ctx context.Context) bool {
	to := current.Load()
	if to == nil {
		return false
	}
	to.raiseLevel(ctx)
	return true
}

// raiseLevel sets the library's level to that of the logger, if that is more verbose. It never lowers the library's level,
// because the logger filters each record anyway.
func (s *sink) raiseLevel(ctx context.Context) {
	for _, level := range levels {
		if libraryLevel.Load() >= int32(level.native) {
			return
		}
		if isEnabled(ctx, s.logger, level.slog) {
			s.setLevel(level.native)
			return
		}
	}
}

func (s *sink) setLevel(level C.aicredits_log_level) {
	settingLevel.Lock()
	defer settingLevel.Unlock()
	if current.Load() == s && libraryLevel.Load() < int32(level) {
		libraryLevel.Store(int32(level))
		C.aicredits_go_log_set(level)
	}
}

// isEnabled returns false if the handler panics, because logging must not end a call.
func isEnabled(ctx context.Context, to *slog.Logger, level slog.Level) (enabled bool) {
	defer func() { recover() }()
	return to.Enabled(ctx, level)
}

// record passes a log record to the logger. The call is nil for a record outside of a call.
func record(of *call, native C.aicredits_log_level, message string) {
	to := current.Load()
	// A logger that is being replaced takes no more records. Then the new one is already in place.
	for to != nil && !to.inUse.TryRLock() {
		to = current.Load()
	}
	if to == nil {
		return
	}
	defer to.inUse.RUnlock()
	ctx, attributes := context.Background(), []slog.Attr(nil)
	if of != nil {
		ctx, attributes = of.ctx, scopeAttributes(of.settings.scope)
	}
	// The handler may panic or end its goroutine.
	<-runOnGoroutine(func() (string, error) {
		to.logger.LogAttrs(ctx, slogLevel(native), message, attributes...)
		return "", nil
	})
}

func slogLevel(native C.aicredits_log_level) slog.Level {
	for _, level := range levels {
		if level.native == native {
			return level.slog
		}
	}
	return slog.LevelError
}

func scopeAttributes(scope *Scope) []slog.Attr {
	var attributes []slog.Attr
	if scope != nil && scope.AccountID != "" {
		attributes = append(attributes, slog.String("account_id", scope.AccountID))
	}
	if scope != nil && scope.SiteID != "" {
		attributes = append(attributes, slog.String("site_id", scope.SiteID))
	}
	return attributes
}
