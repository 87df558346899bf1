//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"context"
	"errors"
	"sync"
	"time"
)

// gateCall is one reserve or refresh of a gate, from its start until it returns. The library's request is a state machine
// that never blocks: only [perform] blocks, for a reading.
type gateCall struct {
	call
	// The library writes into it while callbacks run, so it must not be on the stack.
	request C.aicredits_go_request
}

// gateCalls has calls that are over, all zero: most reservations are granted without a reading, and a call is large.
var gateCalls = sync.Pool{New: func() any { return new(gateCall) }}

// want is what a call of a gate asks for.
type want struct {
	kind             C.int
	unitCost, wanted uint64
}

func (g *Gate) reserve(ctx context.Context, cost uint64, options []CallOption) (*Reservation, error) {
	return g.reserved(ctx, want{C.AICREDITS_GO_RESERVE, cost, 1}, options)
}

func (g *Gate) reserveNow(ctx context.Context, cost uint64, options []CallOption) (*Reservation, error) {
	return g.reserved(ctx, want{C.AICREDITS_GO_RESERVE_NOW, cost, 1}, options)
}

func (g *Gate) reserveUpTo(ctx context.Context, unitCost, wanted uint64, options []CallOption) (*Reservation, error) {
	return g.reserved(ctx, want{C.AICREDITS_GO_RESERVE, unitCost, wanted}, options)
}

func (g *Gate) reserved(ctx context.Context, want want, options []CallOption) (*Reservation, error) {
	c, err := g.ask(ctx, want, options)
	if err != nil {
		return nil, err
	}
	made := newReservation(&c.request, c.settings.label)
	*c = gateCall{}
	gateCalls.Put(c)
	return made, nil
}

func (g *Gate) refresh(ctx context.Context, options []CallOption) (*Balance, error) {
	c, err := g.ask(ctx, want{kind: C.AICREDITS_GO_REFRESH}, options)
	if err != nil {
		return nil, err
	}
	balance, failure := resultFromC(&c.request.reading)
	if failure != nil {
		return nil, c.explain(failure)
	}
	return balance, nil
}

// ask makes a request and takes its steps until it has an outcome.
func (g *Gate) ask(ctx context.Context, want want, options []CallOption) (*gateCall, error) {
	if failure := g.acquire(); failure != nil {
		return nil, failure
	}
	defer g.done()
	if ctx == nil {
		return nil, withoutContext()
	}
	if ctx.Value(providerKey{g.client}) != nil {
		return nil, &Error{Kind: KindInvalidArgument, Message: "the credential provider of a client must not use a gate of that client"}
	}
	c := gateCalls.Get().(*gateCall)
	c.begin(g.client, ctx, options)
	c.request.kind, c.request.unit_cost, c.request.wanted = want.kind, C.uint64_t(want.unitCost), C.uint64_t(want.wanted)
	// The deadline of a context may have passed although its own timer has not run yet.
	hasEnded := ctx.Err() != nil || c.hasContextDeadline && !c.start.Before(c.deadline)
	if c.settings.isOwn || hasEnded {
		c.native = newNative(&c.call)
		defer C.aicredits_call_free(c.native)
		if hasEnded {
			// Not expired after a deadline: an expired call may still be granted from the reading that is there.
			C.aicredits_call_cancel(c.native)
			if c.request.kind == C.AICREDITS_GO_RESERVE_NOW {
				// Only a request looks at the end of a call.
				c.request.kind = C.AICREDITS_GO_RESERVE
			}
		}
	}
	waker := newWaker()
	C.aicredits_go_gate_ask(g.handle, c.native, waker.number, &c.request)
	if c.request.request != nil {
		if failure := c.finish(waker); failure != nil {
			return nil, c.explain(failure)
		}
	}
	if c.request.reading.error != nil {
		return nil, c.failure()
	}
	return c, nil
}

// finish takes the other steps of a request whose first step was not the last one, and frees the request.
func (c *gateCall) finish(waker waker) *Error {
	woken := waker.listen()
	defer waker.forget()
	// If the request is not done, another goroutine makes the reading instead.
	defer C.aicredits_gate_request_free(c.request.request)
	// A waker that was called before listen is lost. So there is a step before the first wait.
	for isListening := false; c.request.next != C.AICREDITS_NEXT_DONE; isListening = true {
		switch c.request.next {
		case C.AICREDITS_NEXT_READ:
			// Without time, the next step is the last one.
			if remaining := c.remaining(); remaining > 0 {
				if failure := c.read(remaining); failure != nil {
					return failure
				}
			}
		case C.AICREDITS_NEXT_WAIT:
			if isListening {
				c.wait(woken)
			}
		}
		C.aicredits_go_gate_step(&c.request)
	}
	return nil
}

// read makes the reading, for this goroutine and for those that wait for it.
func (c *gateCall) read(remaining time.Duration) *Error {
	reading := new(call)
	reading.begin(c.client, c.ctx, []CallOption{WithCallTimeout(remaining)})
	_, failure := perform(reading, func(_ *C.aicredits_client, native *C.aicredits_call, handle C.uintptr_t) (none struct{}, _ *Error) {
		if failure := C.aicredits_go_gate_read(&c.request, native, handle); failure != nil {
			return none, errorFromC(failure)
		}
		return none, nil
	})
	c.providerFailure = reading.providerFailure
	return failure
}

// wait waits for the reading of another goroutine, and holds no thread.
func (c *gateCall) wait(woken <-chan struct{}) {
	timer := time.NewTimer(c.remaining())
	defer timer.Stop()
	select {
	case <-woken:
	case <-c.client.closing:
		// The next step says so.
	case <-timer.C:
		// The next step takes over from the goroutine that reads, or ends the request.
	case <-c.ctx.Done():
		if errors.Is(c.ctx.Err(), context.DeadlineExceeded) {
			C.aicredits_gate_request_expire(c.request.request)
		} else {
			C.aicredits_gate_request_cancel(c.request.request)
		}
	}
}

// remaining is how long to wait for a wake at most, before another step.
func (c *gateCall) remaining() time.Duration {
	return durationOf(C.aicredits_gate_request_remaining_ms(c.request.request))
}

// failure takes ownership of the library's error.
func (c *gateCall) failure() error {
	if c.request.denial.denial == nil {
		failure := errorFromC(c.request.reading.error)
		if end, _ := c.contextEnd(failure.Kind); failure.Kind == KindCancelled && errors.Is(end.err, context.DeadlineExceeded) {
			failure.Kind = KindTimeout
		}
		return c.explain(failure)
	}
	denial := newDenial(&c.request)
	denial.label, denial.providerFailure = c.settings.label, c.providerFailure
	if end, ok := c.contextEnd(0); ok {
		denial.contextEnd = end
	}
	return denial
}
