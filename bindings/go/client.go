package aicredits

// #include "native.h"
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"
)

// Client asks Wix what is left. Made once and used for long, by any number of goroutines: it keeps its connections open
// between calls. In a process that has no more use for it, [Client.Close] it; one that is forgotten is freed with it.
type Client struct {
	native  *native
	timeout time.Duration
	// Each call that runs holds a place in it.
	slots chan struct{}
	// Closed with the client.
	closing chan struct{}
}

// native is the library's client, freed once nobody uses it. It is apart from Client, so that the cleanup of a forgotten
// Client does not keep it alive.
type native struct {
	lock    sync.Mutex
	client  *C.aicredits_client // nil once freed
	calls   int
	closing bool
	// closed is what a call on the closed client fails with.
	closed *Error
}

// NewClient checks the settings and makes a client. It opens no connection.
//
// Its error is [ErrInvalidArgument] and names the first setting that is wrong or missing. A key, or another credential,
// and a scope are needed.
func NewClient(options ...Option) (*Client, error) {
	config := C.aicredits_config_new()
	defer C.aicredits_config_free(config)
	for _, option := range options {
		option(config)
	}
	var client *C.aicredits_client
	var failure *C.aicredits_error
	if C.aicredits_client_new(config, &client, &failure) != C.AICREDITS_STATUS_OK {
		err := newError(failure)
		C.aicredits_error_free(failure)
		return nil, err
	}
	made := &Client{
		native:  &native{client: client},
		timeout: time.Duration(C.aicredits_client_timeout_ms(client)) * time.Millisecond,
		slots:   make(chan struct{}, int(C.aicredits_client_max_concurrency(client))),
		closing: make(chan struct{}),
	}
	runtime.AddCleanup(made, func(native *native) { native.close() }, made.native)
	return made, nil
}

// GetBalance fetches the current AI credit balance.
//
// Once ctx ends, the native call is ended at once and waited for, and the error wraps ctx.Err(). Every error is a
// [*Error]. The time of waiting for a place among the calls that run counts towards the call's timeout.
func (c *Client) GetBalance(ctx context.Context, options ...CallOption) (*Balance, error) {
	// The cleanup of a forgotten client must not come before the call is over.
	defer runtime.KeepAlive(c)
	var settings callSettings
	for _, option := range options {
		option(&settings)
	}
	if !c.native.enter() {
		return nil, c.native.closedError(settings.scope)
	}
	defer c.native.leave()
	release, failure := c.takeSlot(ctx, &settings)
	if failure != nil {
		return nil, failure
	}
	defer release()

	var call *C.aicredits_call
	if ctx.Done() != nil || settings != (callSettings{}) {
		call = settings.native()
		defer C.aicredits_call_free(call)
	}
	if ctx.Err() != nil {
		C.aicredits_call_cancel(call)
	} else if ctx.Done() != nil {
		cancelled := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			C.aicredits_call_cancel(call)
			close(cancelled)
		})
		defer func() {
			// Before the call is freed, whoever cancels it must have let go of it.
			if !stop() {
				<-cancelled
			}
		}()
	}

	var reading C.go_reading
	C.go_get_balance(c.native.client, call, &reading)
	balance, failure := taken(&reading)
	if failure == nil {
		return balance, nil
	}
	if failure.Kind == KindCancelled {
		failure.context = ctx.Err()
		failure.Message = fmt.Sprint(failure.context, ": ", failure.Message)
		if failure.context == context.DeadlineExceeded {
			failure.Kind = KindTimeout
		}
	}
	return nil, failure
}

// takeSlot waits for a place among the calls that run, and gives what leaves it. The native client would have them wait
// just so, each in a thread. Where the client or the context ends meanwhile there is none: the library says so at once.
func (c *Client) takeSlot(ctx context.Context, settings *callSettings) (release func(), failure *Error) {
	select {
	case c.slots <- struct{}{}:
		return c.leaveSlot, nil
	default:
	}
	begun, timeout := time.Now(), c.timeout
	if settings.timeout != nil {
		timeout = *settings.timeout
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case c.slots <- struct{}{}:
		// At least a moment, so that the library says what it says when the time is up.
		left := max(timeout-time.Since(begun), time.Millisecond)
		settings.timeout = &left
		return c.leaveSlot, nil
	case <-c.closing:
		return func() {}, nil
	case <-ctx.Done():
		return func() {}, nil
	case <-timer.C:
		message := fmt.Sprintf("no reply within %v; time ran out before it began: as many calls as max_concurrency "+
			"allows (%d) ran already", timeout, cap(c.slots))
		return nil, &Error{Kind: KindTimeout, Message: message, Scope: settings.scope}
	}
}

func (c *Client) leaveSlot() {
	<-c.slots
}

// Close ends the calls that run, in every goroutine, and closes the connections. These calls and later ones fail with
// [ErrClosed]. It does not wait, and may be called again. It returns nil, so that a Client is an io.Closer.
func (c *Client) Close() error {
	if c.native.close() {
		close(c.closing)
	}
	runtime.KeepAlive(c)
	return nil
}

func (s *callSettings) native() *C.aicredits_call {
	call := C.aicredits_call_new()
	if s.timeout != nil {
		C.aicredits_call_set_timeout_ms(call, milliseconds(*s.timeout))
	}
	if s.scope == nil {
		return call
	}
	withText(s.scope.AccountID, func(account *C.char) {
		withText(s.scope.SiteID, func(site *C.char) {
			switch {
			case s.sendsAccount && s.sendsSite:
				C.aicredits_call_set_account_and_site_ids(call, account, site)
			case s.sendsSite:
				C.aicredits_call_set_site_id(call, site)
			case s.sendsAccount:
				C.aicredits_call_set_account_id(call, account)
			default:
				C.aicredits_call_set_credential_scope(call)
			}
		})
	})
	return call
}

// enter is refused once the native client is freed.
func (n *native) enter() bool {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.client == nil {
		return false
	}
	n.calls++
	return true
}

func (n *native) leave() {
	n.lock.Lock()
	defer n.lock.Unlock()
	n.calls--
	n.freeIfIdle()
}

// close tells whether it was the first.
func (n *native) close() bool {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.closing {
		return false
	}
	n.closing = true
	C.aicredits_client_close(n.client)
	n.freeIfIdle()
	return true
}

// freeIfIdle frees a closed client with its last call, and keeps what it says of being closed.
func (n *native) freeIfIdle() {
	if !n.closing || n.calls != 0 {
		return
	}
	var reading C.go_reading
	C.go_get_balance(n.client, nil, &reading)
	n.closed = newError(reading.error)
	C.aicredits_error_free(reading.error)
	C.aicredits_client_free(n.client)
	n.client = nil
}

func (n *native) closedError(scope *Scope) *Error {
	err := *n.closed
	if scope != nil {
		err.Scope = scope
	}
	return &err
}
