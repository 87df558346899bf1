//go:build cgo && linux

package aicredits

// #include <stdlib.h>
// #include "native_linux.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// nativeFleet is the part of a fleet that its cleanup and its context refer to: they must not refer to the Fleet.
type nativeFleet struct{ *runningFleet }

// runningFleet owns the library's fleet, and frees it after close and the last use.
type runningFleet struct {
	lifetime
	ctx   context.Context
	fleet *C.aicredits_fleet
	// It cancels the fleet.
	call *C.aicredits_call
	// Those that are asked, each once. The cleanup of a client would close it.
	clients []*Client
	// Says that the providers of the clients have one fleet less to serve.
	leave func()
	// Stops watching the context.
	stop func()
	// The progress at the end.
	last atomic.Pointer[FleetProgress]
	// Closed when the fleet is closed, and when its memory is freed.
	closing, freed chan struct{}
}

func (c *Client) getBalances(ctx context.Context, targets []Target, options []FleetOption) (*Fleet, error) {
	if !c.isMade() {
		return nil, notMade()
	}
	if ctx == nil {
		return nil, withoutContext()
	}
	settings := nativeFleetSettings{C.aicredits_fleet_options_new()}
	defer C.aicredits_fleet_options_free(settings.config)
	config := fleetConfig{settings}
	for _, option := range options {
		if option != nil {
			option(&config)
		}
	}
	fleet := &Fleet{targets: append([]Target(nil), targets...)}
	clients, failure := clientsOf(c, fleet.targets)
	if failure != nil {
		return nil, failure
	}
	for i, client := range clients {
		if !client.native.acquire() {
			for _, acquired := range clients[:i] {
				acquired.native.release()
			}
			return nil, closedClient(client.scope)
		}
	}
	defer func() {
		for _, client := range clients {
			client.native.release()
		}
	}()
	running := &runningFleet{ctx: ctx, clients: clients, closing: make(chan struct{}), freed: make(chan struct{})}
	if failure := running.start(c, fleet.targets, settings); failure != nil {
		return nil, failure
	}
	fleet.nativeFleet = nativeFleet{running}
	// Closing waits for the threads of the fleet, and other cleanups must not wait for them.
	runtime.AddCleanup(fleet, func(running *runningFleet) { go running.close() }, running)
	return fleet, nil
}

// clientsOf lists the clients that are asked, each once. It fails for a target that the library cannot be given.
func clientsOf(own *Client, targets []Target) ([]*Client, *Error) {
	clients, known := []*Client{own}, map[*Client]bool{own: true, nil: true}
	for i, target := range targets {
		fault := ""
		switch {
		case !target.isChosen:
			fault = "was not made by AccountTarget or another function of its kind"
		case target.Client != nil && !target.Client.isMade():
			fault = "has a client that was not made by NewClient"
		case target.Client == nil && target.ClientName != "":
			fault = "has a ClientName and no Client"
		}
		if fault != "" {
			return nil, &Error{Kind: KindInvalidArgument, Setting: "targets", Message: fmt.Sprintf("targets[%d] %s", i, fault)}
		}
		if !known[target.Client] {
			known[target.Client] = true
			clients = append(clients, target.Client)
		}
	}
	return clients, nil
}

func (r *runningFleet) start(own *Client, targets []Target, settings nativeFleetSettings) *Error {
	r.call = C.aicredits_call_new()
	if deadline, ok := r.ctx.Deadline(); ok {
		C.aicredits_call_set_deadline_ns(r.call, monotonicNS(deadline))
	}
	isLogged(r.ctx)
	// Before the first provider is called.
	r.enter()
	if r.ctx.Err() != nil {
		// Now, so that nothing is sent.
		r.end()
	}
	native, texts := nativeTargets(targets)
	defer C.free(texts)
	var failure *C.aicredits_error
	if C.aicredits_fleet_start(own.native.client, unsafe.SliceData(native), C.size_t(len(native)), settings.config, r.call, &r.fleet,
		&failure) != C.AICREDITS_STATUS_OK {
		r.leave()
		C.aicredits_call_free(r.call)
		return errorFromC(failure)
	}
	r.watchContext()
	return nil
}

// nativeTargets makes the library's targets. They borrow the text, which the caller frees.
func nativeTargets(targets []Target) ([]C.aicredits_target, unsafe.Pointer) {
	var all []byte
	native := make([]C.aicredits_target, len(targets))
	// The places of the texts are known when all of them are in one piece of memory of C.
	var places []**C.char
	var offsets []int
	put := func(place **C.char, text string) {
		places, offsets = append(places, place), append(offsets, len(all))
		all = append(append(all, terminated(text)...), 0)
	}
	for i, target := range targets {
		raw := &native[i]
		switch {
		case target.sendsAccount && target.sendsSite:
			raw.scope = C.AICREDITS_SCOPE_ACCOUNT_AND_SITE
		case target.sendsSite:
			raw.scope = C.AICREDITS_SCOPE_SITE
		case target.sendsAccount:
			raw.scope = C.AICREDITS_SCOPE_ACCOUNT
		default:
			raw.scope = C.AICREDITS_SCOPE_CREDENTIAL
		}
		// Sent, even if it is empty, so that the library refuses it.
		if target.sendsAccount {
			put(&raw.account_id, target.scope.AccountID)
		}
		if target.sendsSite {
			put(&raw.site_id, target.scope.SiteID)
		}
		// The library names a wrong target by its label too. Of the rest, Go knows what it has passed.
		if target.Label != "" {
			put(&raw.label, target.Label)
		}
		if target.Client != nil {
			raw.client = target.Client.native.client
			put(&raw.client_name, target.ClientName)
		}
	}
	texts := C.CBytes(append(all, 0))
	for i, place := range places {
		*place = (*C.char)(unsafe.Add(texts, offsets[i]))
	}
	return native, texts
}

// end brings the outcomes that are left, because the context has ended.
func (r *runningFleet) end() {
	if errors.Is(r.ctx.Err(), context.DeadlineExceeded) {
		C.aicredits_call_expire(r.call)
	} else {
		C.aicredits_call_cancel(r.call)
	}
	// A provider must not keep the threads.
	r.leave()
}

// watchContext ends the outcomes that are left when the context ends.
func (r *runningFleet) watchContext() {
	ended := make(chan struct{})
	stop := context.AfterFunc(r.ctx, func() {
		defer close(ended)
		r.end()
	})
	r.stop = func() {
		if !stop() {
			<-ended
		}
	}
}

// enter says that the providers of the clients have one fleet more to serve.
func (r *runningFleet) enter() {
	for _, client := range r.clients {
		client.fleets.enter()
	}
	r.leave = sync.OnceFunc(func() {
		for _, client := range r.clients {
			client.fleets.leave()
		}
	})
}

// release ends a use, and frees the fleet if it is closed and this was the last use.
func (r *runningFleet) release() {
	if r.lifetime.release() {
		C.aicredits_fleet_free(r.fleet)
		C.aicredits_call_free(r.call)
		close(r.freed)
	}
}

func (r *runningFleet) close() {
	if r == nil {
		return
	}
	if r.acquire() {
		if r.lifetime.close() {
			progress := r.read()
			r.last.Store(&progress)
			r.stop()
			C.aicredits_call_cancel(r.call)
			r.leave()
			close(r.closing)
		}
		r.release()
	}
	<-r.freed
}

func (r *runningFleet) progress() FleetProgress {
	if r == nil {
		return FleetProgress{}
	}
	if !r.acquire() {
		// Closing stores it.
		<-r.closing
		return *r.last.Load()
	}
	defer r.release()
	return r.read()
}

func (r *runningFleet) read() FleetProgress {
	var raw C.aicredits_progress
	C.aicredits_fleet_progress(r.fleet, &raw)
	progress := FleetProgress{
		Total:          int(raw.total),
		Done:           int(raw.done),
		Failed:         int(raw.failed),
		RecentAttempts: int(raw.recent_attempts),
	}
	if raw.present&C.AICREDITS_HAS_PAUSE != 0 {
		progress.pausedFor = optional[time.Duration]{durationOf(raw.paused_ms), true}
	}
	if raw.present&C.AICREDITS_HAS_TIME_LEFT != 0 {
		progress.timeLeft = optional[time.Duration]{durationOf(raw.time_left_ms), true}
	}
	return progress
}

// running is nil if the fleet was not made by GetBalances.
func (f *Fleet) running() *runningFleet {
	if f == nil {
		return nil
	}
	return f.runningFleet
}

func (f *Fleet) progress() FleetProgress {
	defer runtime.KeepAlive(f)
	return f.running().progress()
}

func (f *Fleet) close() {
	defer runtime.KeepAlive(f)
	f.running().close()
}

// next waits for an outcome. The bool is false if there are no more.
func (f *Fleet) next() (index int, outcome Outcome, ok bool) {
	// The cleanup of the fleet must not run before.
	defer runtime.KeepAlive(f)
	r := f.running()
	if r == nil || !r.acquire() {
		return 0, outcome, false
	}
	defer r.release()
	defer r.acquirePermit()()
	var raw C.aicredits_go_outcome
	C.aicredits_go_fleet_next(r.fleet, &raw)
	defer C.aicredits_outcome_free(raw.outcome)
	if raw.failure != nil {
		return -1, Outcome{Err: errorFromC(raw.failure)}, true
	}
	if raw.outcome == nil {
		return 0, outcome, false
	}
	index = int(raw.index)
	outcome.Target = f.targets[index]
	outcome.EndedAt, _ = instant(raw.ended_at).get()
	outcome.RequestID = text(raw.request_id, raw.request_id_length)
	starts := unsafe.Slice(raw.starts, raw.attempt_count)
	for i, each := range copyAttempts(raw.attempts, raw.attempt_count) {
		startedAt, _ := instant(&starts[i]).get()
		outcome.Attempts = append(outcome.Attempts, FleetAttempt{each, startedAt})
	}
	if raw.error != nil {
		outcome.Err = r.explain(copyError(raw.error))
	} else {
		outcome.Balance, _ = resultFromC(&raw.reading)
	}
	return index, outcome, true
}

// acquirePermit waits for one permit of the process, because waiting in the library holds a thread. It gives up when the fleet
// ends: the library then returns at once. The result gives the permit back.
func (r *runningFleet) acquirePermit() (release func()) {
	release = func() { <-nativeCalls }
	select {
	case nativeCalls <- struct{}{}:
		return release
	default:
	}
	if !isWithinProvider(r.ctx) {
		select {
		case nativeCalls <- struct{}{}:
			return release
		case <-r.ctx.Done():
		case <-r.closing:
		}
	}
	return func() {}
}

// explain adds how the context has ended, if that is why the target has failed.
func (r *runningFleet) explain(failure *Error) *Error {
	if failure.Kind != KindCancelled && failure.Kind != KindTimeout {
		return failure
	}
	of := call{ctx: r.ctx}
	// Long before the deadline it is the timeout of the client or of the fleet. On the library's clock a deadline is never late,
	// and may be early.
	deadline, has := r.ctx.Deadline()
	of.deadline, of.hasContextDeadline = deadline, has && time.Until(deadline) < 10*time.Millisecond
	return of.explain(failure)
}
