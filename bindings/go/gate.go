package aicredits

import "context"

// Gate grants actions that cost credits, so that goroutines which run at once do not spend the same credits twice. It is
// thread-safe. Make one gate for each scope of a client and share it. Call [Gate.Close] when you no longer need the gate; the
// garbage collector frees a gate that was not closed. A Gate must not be copied.
//
// The gate grants from an estimate: the latest reading of the balance less the commits and the open reservations. It reads the
// balance when it needs to, in the goroutines that ask it. It starts no goroutine.
//
// A balance is a hint. Other programs spend from the same credits, a charge may show late, and the vendor's refusal is final.
// Report a refusal with [Reservation.ReportExhausted].
type Gate struct {
	_      noCopy
	client *Client
	nativeGate
}

// NewGate makes a gate for the client's scope, or for the scope of an option. It opens no connection.
//
// Make one gate for a scope and keep it as long as the client. A gate that is made after another was closed does not know
// its reservations and commits.
//
// The error is [ErrInvalidArgument] and names the first setting that is wrong, or says that the client has a gate for this
// scope already: share that gate, or close it first.
func (c *Client) NewGate(options ...GateOption) (*Gate, error) {
	return c.newGate(options)
}

// Reserve reserves credits for an action that costs this much, at most 2^63-1. It never waits for credits, but it may wait for
// a reading: at most for [WithReadTimeout]. Only the goroutine that makes the reading holds a thread.
//
// The error is a [*Denial] if the gate denies, also if it has no reading in time. Otherwise it is an [*Error]:
//   - [ErrCancelled] if ctx ends, or [ErrTimeout] if its deadline has passed before the call;
//   - [ErrClosed] if the client or the gate is closed;
//   - [ErrInvalidArgument] if an argument is wrong, or if the client's own credential provider makes the call.
//
// If ctx has ended, the error wraps ctx.Err() and context.Cause(ctx). The options are [WithLabel], [WithCallReservationTTL] and
// [WithCallTimeout].
func (g *Gate) Reserve(ctx context.Context, cost uint64, options ...CallOption) (*Reservation, error) {
	return g.reserve(ctx, cost, options)
}

// ReserveNow is [Gate.Reserve] without a wait: it neither blocks nor reads. If only a new reading can decide, it denies with
// [DenialReasonUnavailable].
func (g *Gate) ReserveNow(ctx context.Context, cost uint64, options ...CallOption) (*Reservation, error) {
	return g.reserveNow(ctx, cost, options)
}

// ReserveUpTo reserves credits for as many of wanted equal actions as fit, in one step. [Reservation.Count] is the number of
// actions. If not even one fits, the error is a [*Denial], as for [Gate.Reserve].
func (g *Gate) ReserveUpTo(ctx context.Context, unitCost, wanted uint64, options ...CallOption) (*Reservation, error) {
	return g.reserveUpTo(ctx, unitCost, wanted, options)
}

// Refresh reads the balance now, for example when a program starts. The gate uses the reading. Refresh waits for a reading in
// flight instead of making a second one. If the latest reading is younger than [WithMinInterval], Refresh returns that one.
//
// The error is that of [Client.GetBalance], and never a [*Denial]. After a failure, Refresh returns that error at once until
// the next reading may start.
func (g *Gate) Refresh(ctx context.Context, options ...CallOption) (*Balance, error) {
	return g.refresh(ctx, options)
}

// ReportExhausted reports that the vendor refused an action for lack of credits, if the action has no reservation. See
// [Reservation.ReportExhausted].
func (g *Gate) ReportExhausted() {
	g.reportExhausted()
}

// SubGate makes a gate with its own limit that draws on this gate, for example for a visitor, a tenant or a job. Everything
// that was committed counts against the limit. A sub-gate has no sub-gates. It lives in memory: for a daily allowance make a
// new one each day.
//
// The error is [ErrInvalidArgument] if the limit exceeds 2^63-1 or this is a sub-gate.
func (g *Gate) SubGate(limit uint64) (*Gate, error) {
	return g.subGate(limit)
}

// SetLimit changes the limit. A limit below [GateState.Used] denies until it is raised. Open reservations stay.
func (g *Gate) SetLimit(limit uint64) error {
	return g.setLimit(limit)
}

// State returns the figures of this moment; the zero GateState if the gate is closed.
func (g *Gate) State() GateState {
	return g.state()
}

// Scope is the account or site whose credits the gate grants.
func (g *Gate) Scope() Scope {
	return g.scope()
}

// Close frees the gate. Later calls fail with [ErrClosed]. Calls in flight, reservations and sub-gates stay valid. You may
// call Close again. It always returns nil: the result makes Gate an io.Closer.
func (g *Gate) Close() error {
	g.close()
	return nil
}
