package aicredits

import (
	"context"
	"runtime"
	"time"
)

// Client reads balances from Wix. It is thread-safe and has a connection pool, so make one and share it. Call [Client.Close]
// when you no longer need the client; the garbage collector frees a client that was not closed. A Client must not be
// copied.
type Client struct {
	_       noCopy
	native  *native
	timeout time.Duration
	scope   *Scope
	// Not a field of native: the runtime keeps native for the cleanup of this Client. There a provider that refers to the
	// Client would prevent its collection.
	provider func(context.Context) (string, error)
	// Each call in flight holds one permit.
	permits semaphore
	// Close closes this channel.
	closing chan struct{}
	fleets  fleets
}

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// GetBalance fetches the current AI credit balance.
//
// When ctx ends, the native call ends at once. GetBalance waits until the native call has returned. It then returns an error
// that wraps ctx.Err() and context.Cause(ctx). Every error is an [*Error].
//
// The deadline of a call is the deadline of ctx or the end of its timeout, whichever comes first. If the pause before a retry
// would end after the deadline, the call fails without the pause.
//
// A call in flight holds a thread. The client runs at most [WithMaxConcurrency] calls at once, and the process at most 256
// calls of all clients. Other calls wait in a queue without a thread. The time in the queue counts towards the timeout.
//
// A credential provider may itself make a call, with the provider's context or on its goroutine. Such a call does not wait
// for one of the 256.
func (c *Client) GetBalance(ctx context.Context, options ...CallOption) (*Balance, error) {
	return c.getBalance(ctx, options)
}

func (c *Client) isMade() bool {
	return c != nil && c.native != nil
}

// Close ends all calls in flight and closes the connections. These calls and later ones fail with [ErrClosed]. Close does
// not wait for the calls. You may call Close again. It always returns nil: the result makes Client an io.Closer.
func (c *Client) Close() error {
	if c.isMade() && c.native.close() {
		close(c.closing)
	}
	runtime.KeepAlive(c)
	return nil
}
