//go:build !cgo || !linux

package aicredits

import (
	"context"
	"log/slog"
	"strconv"
	"time"
)

// unsupported is the error of NewClient, FromJSON and calls without cgo or on another system than Linux. The types, errors and
// options exist there too, so that a program which imports the package compiles.
func unsupported() *Error {
	return &Error{Kind: KindInvalidArgument, Message: "this program was built without the library aicredits: build it for Linux " +
		"with CGO_ENABLED=1 and a C compiler (other systems are not supported)"}
}

// NewClient returns an error: this build has no native library.
func NewClient(...Option) (*Client, error) { return nil, unsupported() }

// FromJSON returns an error: this build has no native library.
func FromJSON([]byte) (*Balance, error) { return nil, unsupported() }

func fromStored([]byte, optional[time.Time], optional[time.Time]) (*Balance, error) {
	return nil, unsupported()
}

// SetLogger does nothing: this build has no native library.
func SetLogger(*slog.Logger) {}

type native struct{}

type semaphore struct{}

func (*native) close() bool { return false }

func (*Client) getBalance(context.Context, []CallOption) (*Balance, error) { return nil, unsupported() }

func (*Client) newGate([]GateOption) (*Gate, error) { return nil, unsupported() }

type nativeGate struct{}

func (*Gate) reserve(context.Context, uint64, []CallOption) (*Reservation, error) {
	return nil, unsupported()
}

func (*Gate) reserveNow(context.Context, uint64, []CallOption) (*Reservation, error) {
	return nil, unsupported()
}

func (*Gate) reserveUpTo(context.Context, uint64, uint64, []CallOption) (*Reservation, error) {
	return nil, unsupported()
}

func (*Gate) refresh(context.Context, []CallOption) (*Balance, error) {
	return nil, unsupported()
}

func (*Gate) reportExhausted() {}

func (*Gate) subGate(uint64) (*Gate, error) { return nil, unsupported() }

func (*Gate) setLimit(uint64) error { return unsupported() }

func (*Gate) state() (state GateState) { return state }

func (*Gate) scope() (scope Scope) { return scope }

func (*Gate) close() {}

func (*Client) getBalances(context.Context, []Target, []FleetOption) (*Fleet, error) {
	return nil, unsupported()
}

type nativeFleet struct{}

type fleets struct{}

func (*Fleet) next() (index int, outcome Outcome, ok bool) { return index, outcome, false }

func (*Fleet) progress() (progress FleetProgress) { return progress }

func (*Fleet) close() {}

type nativeReservation struct{ reserved }

func (*nativeReservation) cost() uint64 { return 0 }

func (*nativeReservation) isOpen() bool { return false }

func (*nativeReservation) commit() bool { return false }

func (*nativeReservation) commitActual(uint64) bool { return false }

func (*nativeReservation) commitPart(uint64) bool { return false }

func (*nativeReservation) release() bool { return false }

func (*nativeReservation) reportExhausted() bool { return false }

func (*nativeReservation) close() {}

type nativeDecision struct{}

func (*nativeDecision) affordableAt() (at optional[time.Time]) { return at }

func (*nativeDecision) bindingRules() []BindingRule { return nil }

func (*nativeDecision) text() string { return AnswerUnknown.String() }

type nativeDenial struct{}

func (*nativeDenial) message() string { return KindDenied.String() }

func (*nativeDenial) sentence() string { return KindDenied.String() }

func (*nativeDenial) affordableAt() (at optional[time.Time]) { return at }

func (*nativeDenial) scope() *Scope { return nil }

func (*nativeDenial) cause() *Error { return nil }

func escaped(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return quoted[1 : len(quoted)-1]
}
