package aicredits

import (
	"context"
	"iter"
	"time"
)

// Fleet reads the balances of many targets: one [Outcome] for each target, in order of completion. No failure ends the others.
// [Client.GetBalances] makes it. It is thread-safe. A Fleet must not be copied.
//
// It runs on threads of the library, up to [WithMaxConcurrency] for each client. They end with the last outcome, when ctx ends,
// and when the fleet is closed. At most 1,000 outcomes wait until they are read; then the fleet
// pauses.
//
// All fleets of a client share its rate and its pauses. Targets with the same scope and client are asked once, and each gets
// the outcome.
type Fleet struct {
	_       noCopy
	targets []Target
	nativeFleet
}

// GetBalances reads the balances of many targets. It does not wait: the outcomes come from [Fleet.Outcomes].
//
// Do not call [Client.GetBalance] in a loop for this: a fleet keeps to a rate that the server accepts, waits after HTTP 429, and
// retries.
//
// When ctx ends, the targets that are left get an outcome with [ErrCancelled], or [ErrTimeout] after its deadline. Each target has
// the timeout of its client. The time in a queue or in a pause does not count.
//
// The error is [ErrInvalidArgument] if an option or a target is wrong; then nothing was sent. It names all targets whose ids
// cannot be sent, up to 20. It is [ErrClosed] if a client is closed.
//
// A credential provider is called on several threads at once. Its context has no values of ctx. It ends when all fleets of the
// client have ended.
func (c *Client) GetBalances(ctx context.Context, targets []Target, options ...FleetOption) (*Fleet, error) {
	return c.getBalances(ctx, targets, options)
}

// Outcomes waits for each outcome, in order of completion. The int is the position of the target in the list.
//
// After the last outcome, and when the loop is left early, the fleet is closed. If several goroutines read, each outcome goes to one
// of them. A waiting goroutine holds a thread.
//
// Only a bug of the library ends the loop too early: the last outcome then has the position -1 and the error.
func (f *Fleet) Outcomes() iter.Seq2[int, Outcome] {
	return func(yield func(int, Outcome) bool) {
		defer f.close()
		for {
			index, outcome, ok := f.next()
			if !ok || !yield(index, outcome) || index < 0 {
				return
			}
		}
	}
}

// Progress returns how far the fleet has come. It does not block, also while another goroutine waits for an outcome. After the end
// it is the progress at the end.
func (f *Fleet) Progress() FleetProgress {
	return f.progress()
}

// Close ends the fleet: it cancels the attempts in flight, and waits until the threads have ended. You may call it again. It
// always returns nil: the result makes Fleet an io.Closer.
func (f *Fleet) Close() error {
	f.close()
	return nil
}

// Outcome is the result for one target of a [Fleet]: a balance or an error. It is plain data.
type Outcome struct {
	// Target is the target as it was passed.
	Target Target
	// Balance is the balance; nil if Err is not nil.
	Balance *Balance
	// Err is the error of the last attempt with all attempts, an [*Error]; nil if there is a balance. Without an attempt it says why
	// nothing was sent: [ErrCancelled] or [ErrTimeout] of the fleet, [ErrClosed] of the client, or [ErrUnauthorized] of the
	// credential provider.
	Err error
	// Attempts are all attempts for the target, the successful one too; none if nothing was sent.
	Attempts []FleetAttempt
	// EndedAt is when the outcome was known.
	EndedAt time.Time
	// RequestID is the server's id of the last request; empty if there is none.
	RequestID string
}

// StartedAt is when the first attempt started. The bool is false if nothing was sent.
func (o Outcome) StartedAt() (time.Time, bool) {
	if len(o.Attempts) == 0 {
		return time.Time{}, false
	}
	return o.Attempts[0].StartedAt, true
}

// FleetAttempt is one attempt for a target of a [Fleet]. Its phase is [PhaseReply] also if the reply is a balance.
type FleetAttempt struct {
	Attempt
	// StartedAt is when it started.
	StartedAt time.Time
}

// FleetProgress is how far a [Fleet] has come at one moment. It is plain data.
type FleetProgress struct {
	// Total is the number of targets.
	Total int
	// Done is the number of targets with an outcome, read or not.
	Done int
	// Failed is the number of those without a balance.
	Failed int
	// RecentAttempts is the number of attempts of the clients in the last 60 s.
	RecentAttempts int

	pausedFor, timeLeft optional[time.Duration]
}

// PausedFor is the time until all clients may be asked again. The bool is false if none is paused.
func (p FleetProgress) PausedFor() (time.Duration, bool) {
	return p.pausedFor.get()
}

// TimeLeft is the time that is probably left. The bool is false before ten outcomes.
func (p FleetProgress) TimeLeft() (time.Duration, bool) {
	return p.timeLeft.get()
}
