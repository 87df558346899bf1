//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

type outcome struct {
	reservation *Reservation
	err         error
}

// reserving starts a reserve on a goroutine.
func reserving(ctx context.Context, gate *Gate, options ...CallOption) <-chan outcome {
	ended := make(chan outcome, 1)
	go func() {
		reservation, err := gate.Reserve(ctx, 1, options...)
		ended <- outcome{reservation, err}
	}()
	return ended
}

// One goroutine reads. The others wait without a permit, and so without a thread.
func TestOneOfManyReservesReads(t *testing.T) {
	server, release := heldServer(t, 1000)
	gate := newGateAt(t, server.url)
	all := []<-chan outcome{}
	for range 300 {
		all = append(all, reserving(background, gate))
	}
	await(t, "the request", server.requests)
	eventually(t, "all of them wait", func() bool { return Waiting() == 300 })
	if len(NativeCalls) != 1 || len(gate.Client().Permits()) != 1 {
		t.Error(len(NativeCalls), len(gate.Client().Permits()), "permits are held")
	}
	release <- struct{}{}
	for _, each := range all {
		if ended := await(t, "a reservation", each); ended.err != nil {
			t.Fatal(ended.err)
		}
	}
	if len(server.requests) != 0 || gate.State().Reserved() != 300 || Waiting() != 0 || len(NativeCalls) != 0 {
		t.Error(len(server.requests), gate.State().Reserved(), Waiting())
	}
}

func TestACancelledWaiterEndsAtOnce(t *testing.T) {
	server, release := heldServer(t, 26)
	gate := newGateAt(t, server.url)
	reader := reserving(background, gate)
	await(t, "the request", server.requests)
	reason := errors.New("the user has gone")
	ctx, cancel := context.WithCancelCause(background)
	waiter := reserving(ctx, gate)
	eventually(t, "it waits", func() bool { return Waiting() == 2 })
	cancel(reason)
	ended := await(t, "the waiter's end", waiter)
	if !errors.Is(ended.err, ErrCancelled) || !errors.Is(ended.err, context.Canceled) || !errors.Is(ended.err, reason) || Retryable(ended.err) {
		t.Error(ended.err)
	}
	if _, err := gate.Reserve(ctx, 1); !errors.Is(err, ErrCancelled) || !errors.Is(err, reason) {
		t.Error(err)
	}
	if _, err := gate.ReserveNow(ctx, 1); !errors.Is(err, ErrCancelled) {
		t.Error(err)
	}
	release <- struct{}{}
	if ended := await(t, "the reader's end", reader); ended.err != nil || gate.State().Reserved() != 1 {
		t.Error(ended.err, gate.State().Reserved())
	}
	// Although the reading would grant it.
	for _, reserve := range []func(context.Context, uint64, ...CallOption) (*Reservation, error){gate.Reserve, gate.ReserveNow} {
		if _, err := reserve(ctx, 1); !errors.Is(err, ErrCancelled) || !errors.Is(err, reason) {
			t.Error(err)
		}
	}
}

// The reading of a cancelled reader ends, and one of the waiters makes another.
func TestAWaiterFollowsACancelledReader(t *testing.T) {
	server, release := heldServer(t, 26)
	gate := newGateAt(t, server.url)
	ctx, cancel := context.WithCancel(background)
	reader := reserving(ctx, gate)
	await(t, "the request", server.requests)
	waiters := []<-chan outcome{reserving(background, gate), reserving(background, gate)}
	eventually(t, "they wait", func() bool { return Waiting() == 3 })
	cancel()
	if ended := await(t, "the reader's end", reader); !errors.Is(ended.err, ErrCancelled) || !errors.Is(ended.err, context.Canceled) {
		t.Error(ended.err)
	}
	await(t, "the request of a waiter", server.requests)
	release <- struct{}{} // The reply to the cancelled reader, which nobody reads.
	release <- struct{}{}
	for _, waiter := range waiters {
		if ended := await(t, "a waiter's end", waiter); ended.err != nil {
			t.Error(ended.err)
		}
	}
	if len(server.requests) != 0 || gate.State().Reserved() != 2 {
		t.Error(len(server.requests), gate.State().Reserved())
	}
}

// blocking is a log handler that holds the calls whose context has a key.
type blocking struct{ entered, leave chan struct{} }

func (b blocking) Enabled(context.Context, slog.Level) bool { return true }
func (b blocking) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b blocking) WithGroup(string) slog.Handler            { return b }

func (b blocking) Handle(ctx context.Context, _ slog.Record) error {
	if ctx.Value(key{}) != nil {
		b.entered <- struct{}{}
		<-b.leave
	}
	return nil
}

// The handler keeps the reader in its reading, past the reader's deadline but not past that of the waiters.
func TestAWaiterTakesOverFromAReaderPastItsDeadline(t *testing.T) {
	handler := blocking{make(chan struct{}, 1000), make(chan struct{})}
	defer SetLogger(nil)
	SetLogger(slog.New(handler))
	gate := newGate(t, withCredits(t, 26))
	held := reserving(context.WithValue(background, key{}, "held"), gate, WithCallTimeout(2*time.Second))
	await(t, "the reader", handler.entered)
	waiters := []<-chan outcome{reserving(background, gate), reserving(background, gate)}
	eventually(t, "they wait", func() bool { return Waiting() == 3 })
	for _, waiter := range waiters {
		if ended := await(t, "a waiter's end", waiter); ended.err != nil || !ended.reservation.Commit() {
			t.Error(ended.err)
		}
	}
	select {
	case ended := <-held:
		t.Error("the reader is not held", ended.err)
	default:
	}
	close(handler.leave)
	if ended := await(t, "the reader's end", held); ended.err != nil && denialReason(ended.err) != DenialReasonUnavailable {
		t.Error(ended.err)
	}
}

// A call does not wait for its provider past its deadline. The next reader asks the provider again.
func TestAWaiterFollowsAReaderWhoseProviderBlocks(t *testing.T) {
	var asked atomic.Int64
	leave := make(chan struct{})
	defer close(leave)
	server := withCredits(t, 26)
	client := server.Client(t, WithCredentialProvider(func(context.Context) (string, error) {
		if asked.Add(1) == 1 {
			<-leave
		}
		return server.APIKey(), nil
	}))
	gate, err := client.NewGate(WithMinInterval(0))
	if err != nil {
		t.Fatal(err)
	}
	reader := reserving(background, gate, WithCallTimeout(time.Second))
	eventually(t, "the provider is asked", func() bool { return asked.Load() == 1 })
	waiter := reserving(background, gate)
	if ended := await(t, "the waiter's end", waiter); ended.err != nil || !ended.reservation.Commit() || asked.Load() != 2 {
		t.Error(ended.err, asked.Load())
	}
	if ended := await(t, "the reader's end", reader); ended.err != nil && !errors.Is(ended.err, ErrTimeout) {
		t.Error(ended.err)
	}
}

func TestTheDeadlineOfAContextEndsAReserve(t *testing.T) {
	server, _ := heldServer(t, 26)
	gate := newGateAt(t, server.url)
	ctx, cancel := context.WithTimeout(background, 300*time.Millisecond)
	defer cancel()
	for _, each := range []<-chan outcome{reserving(ctx, gate), reserving(ctx, gate), reserving(ctx, gate, WithLabel("x"))} {
		ended := await(t, "the end", each)
		if ended.reservation != nil || !errors.Is(ended.err, context.DeadlineExceeded) || Retryable(ended.err) {
			t.Error(ended)
		}
		if kind := KindOf(ended.err); kind != KindDenied && kind != KindTimeout {
			t.Error(ended.err)
		}
	}
	for _, reserve := range []func(context.Context, uint64, ...CallOption) (*Reservation, error){gate.Reserve, gate.ReserveNow} {
		if _, err := reserve(ctx, 1); !errors.Is(err, context.DeadlineExceeded) || KindOf(err) != KindTimeout {
			t.Error(err)
		}
	}
	if Waiting() != 0 || gate.State().Reserved() != 0 || len(NativeCalls) != 0 {
		t.Error(Waiting(), gate.State().Reserved())
	}
}

func TestAReadingThatTakesTooLongIsADenial(t *testing.T) {
	server, _ := heldServer(t, 26)
	gate := newGateAt(t, server.url, WithReadTimeout(200*time.Millisecond))
	reader, waiter := reserving(background, gate), reserving(background, gate, WithCallTimeout(100*time.Millisecond))
	for _, each := range []<-chan outcome{reader, waiter} {
		ended := await(t, "the end", each)
		if denialOf(t, ended.err).Reason() != DenialReasonUnavailable || !errors.Is(ended.err, ErrTimeout) || !Retryable(ended.err) {
			t.Error(ended.err)
		}
		if errors.Is(ended.err, context.DeadlineExceeded) {
			t.Error("no context has a deadline")
		}
	}
}

func TestAClosedClientEndsTheReaderAndTheWaiters(t *testing.T) {
	server, _ := heldServer(t, 26)
	gate := newGateAt(t, server.url)
	all := []<-chan outcome{}
	for range 5 {
		all = append(all, reserving(background, gate))
	}
	await(t, "the request", server.requests)
	eventually(t, "all of them wait", func() bool { return Waiting() == 5 })
	gate.Client().Close()
	for _, each := range all {
		if ended := await(t, "the end", each); !errors.Is(ended.err, ErrClosed) {
			t.Error(ended.err)
		}
	}
	if _, err := gate.Reserve(background, 1); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if _, err := gate.Refresh(background); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// A granted reservation is returned, or its credits are free: also if the context ends at the same moment.
func TestACancelledReserveLosesNoCredits(t *testing.T) {
	gate := newGate(t, withCredits(t, 1_000_000), WithMaxAge(100*time.Millisecond))
	granted, cancelled := 0, 0
	for range 300 {
		ctx, cancel := context.WithCancel(background)
		ended := reserving(ctx, gate)
		go cancel()
		switch ended := await(t, "the end", ended); {
		case ended.err == nil:
			granted++
			ended.reservation.Release()
		case errors.Is(ended.err, ErrCancelled):
			cancelled++
		default:
			t.Fatal(ended.err)
		}
	}
	if gate.State().Reserved() != 0 || len(gate.State().Reservations()) != 0 {
		t.Error(gate.State())
	}
	t.Log(granted, "granted,", cancelled, "cancelled")
}

// The provider of a client must not wait for a reading of that client.
func TestAProviderMustNotUseAGateOfItsClient(t *testing.T) {
	var gate *Gate
	refused := make(chan error, 2)
	server := withCredits(t, 26)
	client := server.Client(t, WithCredentialProvider(func(ctx context.Context) (string, error) {
		_, err := gate.Reserve(ctx, 1)
		refused <- err
		return server.APIKey(), nil
	}))
	gate, err := client.NewGate()
	if err != nil {
		t.Fatal(err)
	}
	mustReserve(t, gate, 1)
	if err := await(t, "the provider", refused); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

// act calls the paid action of the vendor, and reports whether it ran.
func act(t *testing.T, vendor *aicreditstest.Emulator, cost int64) bool {
	t.Helper()
	_, err := vendor.Spend(aicreditstest.Spend{Cost: cost})
	var failure *aicreditstest.Error
	if err != nil && (!errors.As(err, &failure) || failure.Code != "insufficient") {
		t.Error(err)
	}
	return err == nil
}

// left is the number of credits that the vendor lets through.
func left(t *testing.T, vendor *aicreditstest.Emulator) int64 {
	t.Helper()
	state, err := vendor.State()
	if err != nil {
		t.Error(err)
		return 0
	}
	return state.Accounts[0].Allocations[0].Rules[0].Balance
}

func TestManyGoroutinesSpendEveryCreditOnce(t *testing.T) {
	const credits, cost = 1000, 3
	vendor := withCredits(t, credits)
	gate := newGate(t, vendor, WithMaxAge(100*time.Millisecond))
	var group sync.WaitGroup
	for range 64 {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				reservation, err := gate.Reserve(background, cost)
				if err != nil {
					if reason := denialReason(err); reason != DenialReasonInsufficient {
						t.Error(err)
						return
					}
					// Other goroutines have reserved the rest.
					if left(t, vendor) < cost {
						return
					}
					continue
				}
				if !act(t, vendor, cost) {
					t.Error("the vendor has refused")
				}
				reservation.Commit()
				reservation.Close()
			}
		}()
	}
	group.Wait()
	if rest := left(t, vendor); rest >= cost || gate.State().Granted() != credits/cost {
		t.Error(rest, gate.State())
	}
}

func denialReason(err error) DenialReason {
	var denial *Denial
	if errors.As(err, &denial) {
		return denial.Reason()
	}
	return 0
}

func TestThirtyOfThirtyActionsAreGranted(t *testing.T) {
	vendor := withCredits(t, 30)
	gate := newGate(t, vendor, WithMaxAge(100*time.Millisecond))
	for range 30 {
		reservation := mustReserve(t, gate, 1)
		if !act(t, vendor, 1) || !reservation.Commit() {
			t.Error("an action was refused")
		}
	}
	if _, err := gate.Reserve(background, 1); denialOf(t, err).Reason() != DenialReasonInsufficient {
		t.Error(err)
	}
}
