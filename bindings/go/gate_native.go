//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// nativeGate owns the library's gate.
type nativeGate struct {
	life    lifetime
	handle  *C.aicredits_gate
	cleanup runtime.Cleanup
}

func (c *Client) newGate(options []GateOption) (*Gate, error) {
	if !c.isMade() {
		return nil, notMade()
	}
	settings := nativeGateSettings{C.aicredits_gate_config_new()}
	defer C.aicredits_gate_config_free(settings.config)
	config := gateConfig{settings}
	for _, option := range options {
		if option != nil {
			option(&config)
		}
	}
	if !c.native.acquire() {
		return nil, closedClient(c.scope)
	}
	defer c.native.release()
	defer runtime.KeepAlive(c)
	var handle *C.aicredits_gate
	var failure *C.aicredits_error
	if C.aicredits_gate_new(c.native.client, settings.config, &handle, &failure) != C.AICREDITS_STATUS_OK {
		return nil, errorFromC(failure)
	}
	return wrapGate(c, handle), nil
}

func wrapGate(client *Client, handle *C.aicredits_gate) *Gate {
	gate := &Gate{client: client, nativeGate: nativeGate{handle: handle}}
	gate.cleanup = runtime.AddCleanup(gate, func(handle *C.aicredits_gate) { C.aicredits_gate_free(handle) }, handle)
	return gate
}

func (g *Gate) isMade() bool {
	return g != nil && g.handle != nil
}

// acquire keeps the gate from being freed until done. The error says why it cannot be used.
func (g *Gate) acquire() *Error {
	if !g.isMade() {
		return &Error{Kind: KindInvalidArgument, Message: "the gate was not made by NewGate or SubGate"}
	}
	if !g.life.acquire() {
		return &Error{Kind: KindClosed, Message: "the gate is closed"}
	}
	return nil
}

func (g *Gate) done() {
	if g.life.release() {
		C.aicredits_gate_free(g.handle)
	}
	// The cleanup of the gate must not run before, and that of the client neither.
	runtime.KeepAlive(g)
}

func (g *Gate) close() {
	if g.acquire() != nil {
		return
	}
	defer g.done()
	if g.life.close() {
		g.cleanup.Stop()
	}
}

func (g *Gate) reportExhausted() {
	if g.acquire() != nil {
		return
	}
	defer g.done()
	C.aicredits_gate_report_exhausted(g.handle)
}

func (g *Gate) subGate(limit uint64) (*Gate, error) {
	if failure := g.acquire(); failure != nil {
		return nil, failure
	}
	defer g.done()
	var handle *C.aicredits_gate
	var failure *C.aicredits_error
	if C.aicredits_gate_sub_gate(g.handle, C.uint64_t(limit), &handle, &failure) != C.AICREDITS_STATUS_OK {
		return nil, errorFromC(failure)
	}
	return wrapGate(g.client, handle), nil
}

func (g *Gate) setLimit(limit uint64) error {
	if failure := g.acquire(); failure != nil {
		return failure
	}
	defer g.done()
	var failure *C.aicredits_error
	if C.aicredits_gate_set_limit(g.handle, C.uint64_t(limit), &failure) != C.AICREDITS_STATUS_OK {
		return errorFromC(failure)
	}
	return nil
}

func (g *Gate) scope() Scope {
	if g.acquire() != nil {
		return Scope{}
	}
	defer g.done()
	return *newScope(C.aicredits_gate_scope(g.handle))
}

func (g *Gate) state() (state GateState) {
	if g.acquire() != nil {
		return state
	}
	defer g.done()
	raw := C.aicredits_gate_state_new(g.handle)
	defer C.aicredits_gate_state_free(raw)
	state = GateState{
		grantable:      known(C.aicredits_gate_state_grantable(raw)),
		estimate:       known(C.aicredits_gate_state_estimate(raw)),
		spendable:      known(C.aicredits_gate_state_spendable(raw)),
		limit:          knownCredits(C.aicredits_gate_state_limit(raw)),
		age:            elapsed(C.aicredits_gate_state_age_ms(raw)),
		exhaustedSince: instant(C.aicredits_gate_state_exhausted_since(raw)),
		reserved:       uint64(C.aicredits_gate_state_reserved(raw)),
		used:           uint64(C.aicredits_gate_state_used(raw)),
		granted:        uint64(C.aicredits_gate_state_granted(raw)),
		denied:         uint64(C.aicredits_gate_state_denied(raw)),
		unchecked:      uint64(C.aicredits_gate_state_unchecked(raw)),
		wouldBeDenied:  uint64(C.aicredits_gate_state_would_be_denied(raw)),
	}
	var count C.size_t
	open := C.aicredits_gate_state_reservations(raw, &count)
	for _, each := range unsafe.Slice(open, count) {
		state.reservations = append(state.reservations, OpenReservation{
			Label: text(each.label, each.label_length),
			Cost:  uint64(each.cost),
			Age:   durationOf(each.age_ms),
		})
	}
	return state
}

// known is a count that may be absent.
func known(raw *C.int64_t) optional[int64] {
	if raw == nil {
		return optional[int64]{}
	}
	return optional[int64]{int64(*raw), true}
}

func knownCredits(raw *C.uint64_t) optional[uint64] {
	if raw == nil {
		return optional[uint64]{}
	}
	return optional[uint64]{uint64(*raw), true}
}
