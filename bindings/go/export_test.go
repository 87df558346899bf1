//go:build cgo && linux

package aicredits

import (
	"context"
	"time"
)

// The tests are in the package aicredits_test: they use the emulator, and the package aicreditstest imports this one. Here
// are the parts of this package that they look at.

// NativeCalls has a value for each native call in flight.
var NativeCalls = nativeCalls

// NativeBytesPerReplyByte is an estimate of the memory of a balance.
const NativeBytesPerReplyByte = nativeBytesPerReplyByte

// Held is the native memory of all balances.
func Held() int64 { return held.Load() }

// Waiting is the number of reserves that wait without a thread.
func Waiting() (count int) {
	listeners.Range(func(any, any) bool { count++; return true })
	return count
}

// HasLogger reports whether records are handed to a logger.
func HasLogger() bool { return current.Load() != nil }

// IsOlder compares versions.
func IsOlder(library, header string) bool { return isOlder(library, header) }

// RunOnGoroutine runs a function as a provider is run.
func RunOnGoroutine(run func() (string, error)) { runOnGoroutine(run) }

// IsWithinProvider reports whether a provider makes the call.
func IsWithinProvider(ctx context.Context) bool { return isWithinProvider(ctx) }

// Sources is the slice of a balance's sources.
func (b *Balance) Sources() []CreditBalance { return b.sources() }

// Timeout is the timeout of the client.
func (c *Client) Timeout() time.Duration { return c.timeout }

// Permits has a value for each call of the client in flight.
func (c *Client) Permits() chan struct{} { return c.permits }

// Scope is the scope of the client.
func (c *Client) Scope() Scope { return *c.scope }

// Client is the client of the gate.
func (g *Gate) Client() *Client { return g.client }

// Uses is the state of the reservation's lifetime: 1 is closed and unused.
func (r *Reservation) Uses() int64 { return r.life.state.Load() }

// IsCallInPoolZero reports whether a call that will be reused has nothing of an earlier one.
func IsCallInPoolZero() bool {
	call := gateCalls.Get().(*gateCall)
	return call.client == nil && call.ctx == nil && !call.settings.isOwn && call.native == nil && call.request.request == nil &&
		call.request.reservation == nil && call.request.reading.error == nil
}
