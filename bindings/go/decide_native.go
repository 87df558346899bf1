//go:build cgo && linux

package aicredits

// #include "native_linux.h"
//
// #cgo noescape aicredits_balance_spendable_at
// #cgo nocallback aicredits_balance_spendable_at
// #cgo noescape aicredits_balance_affordable
// #cgo nocallback aicredits_balance_affordable
// #cgo noescape aicredits_balance_next_reset_after
// #cgo nocallback aicredits_balance_next_reset_after
// #cgo noescape aicredits_go_decide
// #cgo nocallback aicredits_go_decide
import "C"

import (
	"runtime"
	"time"
	"unsafe"
)

func (h *handle) spendable() optional[int64] {
	defer runtime.KeepAlive(h)
	return known(C.aicredits_balance_spendable(h.balance))
}

func (h *handle) spendableAt(at time.Time) optional[int64] {
	defer runtime.KeepAlive(h)
	instant := timestamp(at)
	var credits C.int64_t
	has := C.aicredits_balance_spendable_at(h.balance, &instant, &credits)
	return count(bool(has), credits)
}

func (h *handle) affordable(unitCost, wanted uint64) (optional[uint64], *Error) {
	defer runtime.KeepAlive(h)
	var number C.uint64_t
	var isKnown C.bool
	var failure *C.aicredits_error
	if C.aicredits_balance_affordable(h.balance, C.uint64_t(unitCost), C.uint64_t(wanted), &number, &isKnown, &failure) != C.AICREDITS_STATUS_OK {
		return optional[uint64]{}, errorFromC(failure)
	}
	return optional[uint64]{uint64(number), bool(isKnown)}, nil
}

func (h *handle) nextReset() optional[time.Time] {
	defer runtime.KeepAlive(h)
	return instant(C.aicredits_balance_next_reset(h.balance))
}

func (h *handle) nextResetAfter(after time.Time) optional[time.Time] {
	defer runtime.KeepAlive(h)
	from := timestamp(after)
	var reset C.aicredits_timestamp
	if !C.aicredits_balance_next_reset_after(h.balance, &from, &reset) {
		return optional[time.Time]{}
	}
	return instant(&reset)
}

func (h *handle) canAfford(cost uint64) (*decision, *Error) {
	defer runtime.KeepAlive(h)
	var raw C.aicredits_go_decision
	C.aicredits_go_decide(h.balance, C.uint64_t(cost), &raw)
	if raw.affordability == nil {
		return nil, errorFromC(raw.error)
	}
	made := &decision{
		cost:           cost,
		answer:         Answer(raw.answer),
		binding:        Binding(raw.binding),
		spendable:      known(raw.spendable),
		available:      known(raw.available),
		shortfall:      knownCredits(raw.shortfall),
		nativeDecision: nativeDecision{raw.affordability, h},
	}
	runtime.AddCleanup(made, func(raw *C.aicredits_affordability) { C.aicredits_affordability_free(raw) }, raw.affordability)
	return made, nil
}

// nativeDecision owns the library's answer. Each method keeps the object alive, because its cleanup frees the answer.
type nativeDecision struct {
	affordability *C.aicredits_affordability
	model         *handle
}

func (d *nativeDecision) affordableAt() optional[time.Time] {
	defer runtime.KeepAlive(d)
	return instant(C.aicredits_affordability_affordable_at(d.affordability))
}

func (d *nativeDecision) text() string {
	defer runtime.KeepAlive(d)
	var length C.size_t
	shown := C.aicredits_affordability_text(d.affordability, &length)
	return text(shown, length)
}

func (d *nativeDecision) bindingRules() (rules []BindingRule) {
	defer runtime.KeepAlive(d)
	var length C.size_t
	array := C.aicredits_affordability_binding_rules(d.affordability, &length)
	for _, each := range unsafe.Slice(array, length) {
		source := d.model.sources()[each.source]
		rules = append(rules, BindingRule{source, source.usageRules[each.rule], int(each.source), int(each.rule)})
	}
	return rules
}

func timestampIfAny(at optional[time.Time]) *C.aicredits_timestamp {
	if !at.present {
		return nil
	}
	made := timestamp(at.value)
	return &made
}

// timestamp is one that the library refuses if it is not in the years 1 to 9999.
func timestamp(at time.Time) C.aicredits_timestamp {
	return C.aicredits_timestamp{unix_seconds: C.int64_t(at.Unix()), nanoseconds: C.uint32_t(at.Nanosecond())}
}
