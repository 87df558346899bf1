//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"runtime"
	"sync"
	"time"
)

// nativeDenial owns the library's error. Each method keeps the object alive, because its cleanup frees the error.
type nativeDenial struct {
	failure *C.aicredits_error
	denial  *C.aicredits_denial
	// The error of the credential provider, if it was asked for the failed reading.
	providerFailure error

	copyCause sync.Once
	ownCause  *Error
}

// newDenial takes ownership of the error.
func newDenial(request *C.aicredits_go_request) *Denial {
	raw := &request.denial
	made := &Denial{
		reason:       DenialReason(raw.reason),
		cost:         uint64(raw.cost),
		grantable:    known(raw.grantable),
		shortfall:    knownCredits(raw.shortfall),
		age:          elapsed(raw.age_ms),
		isTransient:  bool(raw.is_transient),
		nativeDenial: nativeDenial{failure: request.reading.error, denial: raw.denial},
	}
	runtime.AddCleanup(made, func(failure *C.aicredits_error) { C.aicredits_error_free(failure) }, made.failure)
	return made
}

func (d *nativeDenial) message() string {
	defer runtime.KeepAlive(d)
	var length C.size_t
	message := C.aicredits_error_message(d.failure, &length)
	return text(message, length)
}

func (d *nativeDenial) sentence() string {
	defer runtime.KeepAlive(d)
	var length C.size_t
	sentence := C.aicredits_denial_text(d.denial, &length)
	return text(sentence, length)
}

func (d *nativeDenial) affordableAt() optional[time.Time] {
	defer runtime.KeepAlive(d)
	return instant(C.aicredits_denial_affordable_at(d.denial))
}

func (d *nativeDenial) scope() *Scope {
	defer runtime.KeepAlive(d)
	return newScope(C.aicredits_error_scope(d.failure))
}

// cause is the error of the failed reading; nil if there was none.
func (d *nativeDenial) cause() *Error {
	d.copyCause.Do(func() {
		if raw := C.aicredits_error_cause(d.failure); raw != nil {
			d.ownCause = copyError(raw)
			if d.ownCause.Kind == KindUnauthorized {
				d.ownCause.cause = d.providerFailure
			}
		}
	})
	runtime.KeepAlive(d)
	return d.ownCause
}
