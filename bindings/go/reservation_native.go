//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"runtime"
	"time"
)

// nativeReservation owns the library's reservation. Each method keeps the object alive, because its cleanup frees the
// library's.
type nativeReservation struct {
	life    lifetime
	handle  *C.aicredits_reservation
	cleanup runtime.Cleanup
	reserved
}

// newReservation takes ownership of the reservation.
func newReservation(request *C.aicredits_go_request, label string) *Reservation {
	made := &Reservation{nativeReservation: nativeReservation{
		handle:   request.reservation,
		reserved: reserved{uint64(request.unit_cost), uint64(request.count), label},
	}}
	made.cleanup = runtime.AddCleanup(made, func(handle *C.aicredits_reservation) { C.aicredits_reservation_free(handle) }, made.handle)
	return made
}

// acquire is false for a Reservation that no gate made, too.
func (r *nativeReservation) acquire() bool {
	return r.handle != nil && r.life.acquire()
}

func (r *nativeReservation) done() {
	if r.life.release() {
		C.aicredits_reservation_free(r.handle)
	}
	runtime.KeepAlive(r)
}

func (r *nativeReservation) close() {
	if !r.acquire() {
		return
	}
	defer r.done()
	if r.life.close() {
		r.cleanup.Stop()
	}
}

func (r *nativeReservation) cost() uint64 {
	if !r.acquire() {
		return 0
	}
	defer r.done()
	return uint64(C.aicredits_reservation_cost(r.handle))
}

func (r *nativeReservation) isOpen() bool {
	if !r.acquire() {
		return false
	}
	defer r.done()
	return bool(C.aicredits_reservation_is_open(r.handle))
}

// commit also frees the library's reservation, because no end after a commit does anything: that saves Close a cgo call.
func (r *nativeReservation) commit() bool {
	if !r.acquire() {
		return false
	}
	if r.life.close() {
		r.cleanup.Stop()
		if r.life.isLast() {
			committed := C.aicredits_go_reservation_commit_and_free(r.handle)
			r.life.release()
			return bool(committed)
		}
	}
	defer r.done()
	return bool(C.aicredits_reservation_commit(r.handle))
}

func (r *nativeReservation) commitActual(cost uint64) bool {
	if !r.acquire() {
		return false
	}
	defer r.done()
	return bool(C.aicredits_reservation_commit_actual(r.handle, C.uint64_t(cost)))
}

func (r *nativeReservation) commitPart(cost uint64) bool {
	if !r.acquire() {
		return false
	}
	defer r.done()
	return bool(C.aicredits_reservation_commit_part(r.handle, C.uint64_t(cost)))
}

func (r *nativeReservation) release() bool {
	if !r.acquire() {
		return false
	}
	defer r.done()
	return bool(C.aicredits_reservation_release(r.handle))
}

func (r *nativeReservation) reportExhausted() bool {
	if !r.acquire() {
		return false
	}
	defer r.done()
	return bool(C.aicredits_reservation_report_exhausted(r.handle))
}

// reservationTTL and the label are settings of the call that reserves.
func (s *callSettings) setReservation(native *C.aicredits_call) {
	if s.hasLabel {
		withText(s.label, func(text *C.char) { C.aicredits_call_set_label(native, text) })
	}
	if s.hasReservationTTL {
		C.aicredits_call_set_reservation_ttl_ms(native, milliseconds(s.reservationTTL))
	}
}

// elapsed is a time in milliseconds that may be absent.
func elapsed(raw *C.uint64_t) optional[time.Duration] {
	if raw == nil {
		return optional[time.Duration]{}
	}
	return optional[time.Duration]{durationOf(*raw), true}
}

// durationOf is at most as long as a Duration can be.
func durationOf(ms C.uint64_t) time.Duration {
	most := uint64(1<<63-1) / uint64(time.Millisecond)
	return time.Duration(min(uint64(ms), most)) * time.Millisecond
}
