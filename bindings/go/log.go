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

// sink is a logger, and the records that it is handling: they hold inUse for reading. It is locked once the logger is
// replaced.
type sink struct {
	logger *slog.Logger
	inUse  sync.RWMutex
}

var current atomic.Pointer[sink]

// libraryLevel is how much the library reports: as much as the logger was found enabled for since it was set.
var (
	libraryLevel atomic.Int32
	settingLevel sync.Mutex
)

// levels has the library's levels, from the highest.
var levels = [...]struct {
	native C.aicredits_log_level
	slog   slog.Level
}{
	{C.AICREDITS_LOG_DEBUG, slog.LevelDebug},
	{C.AICREDITS_LOG_INFO, slog.LevelInfo},
	{C.AICREDITS_LOG_WARN, slog.LevelWarn},
	{C.AICREDITS_LOG_ERROR, slog.LevelError},
}

// SetLogger sends the records of all clients to a logger; nil for none. There is one per process: it replaces an earlier
// one, which gets no record once SetLogger has returned.
//
// The logger's level is asked at each call and each record, so a level that changes has effect at once. The handler gets
// the context of the call, and the scope's ids as the attributes account_id and site_id. A record begins with the name of
// its client, where that has one, and never holds a credential. A call waits while its record is handled, beyond its
// deadline too. The handler must not make a call, nor call SetLogger.
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

// isLogged reports whether a call with this context may have records, and has the library report them.
func isLogged(ctx context.Context) bool {
	to := current.Load()
	if to == nil {
		return false
	}
	to.raiseLevel(ctx)
	return true
}

// raiseLevel asks the logger, whose level may have changed. The library's level does not fall: each record asks again.
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

// isEnabled is false where the handler panics: no record is a reason to end a call.
func isEnabled(ctx context.Context, to *slog.Logger, level slog.Level) (enabled bool) {
	defer func() { recover() }()
	return to.Enabled(ctx, level)
}

// record hands a record of a call, or of none, to the logger.
func record(of *call, native C.aicredits_log_level, message string) {
	to := current.Load()
	// One that is replaced takes no more, and another is there by then.
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
