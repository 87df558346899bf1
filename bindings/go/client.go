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
	// Here and not in the native client, where the garbage collector would not see that the function refers to this Client.
	provider func(context.Context) (string, error)
	// A call in flight holds one of them.
	permits semaphore
	// Closed with the client.
	closing chan struct{}
}

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// GetBalance fetches the current AI credit balance.
//
// When ctx ends, the native call ends at once. GetBalance waits for that, and then returns an error that wraps ctx.Err() and
// context.Cause(ctx). The call ends at the deadline of ctx or after its timeout, whichever comes first. If the pause before
// a retry would last longer, the call fails without the pause. Every error is an [*Error].
//
// A call in flight holds a thread. The client runs at most [WithMaxConcurrency] calls at once, and the process at most 256
// calls of all clients. Other calls wait in a queue without a thread. The time in the queue counts towards the timeout. A
// call that a credential provider makes, with its context or on its goroutine, does not wait in the queue of the process.
func (c *Client) GetBalance(ctx context.Context, options ...CallOption) (*Balance, error) {
	if !c.isMade() {
		return nil, &Error{Kind: KindInvalidArgument, Message: "the client was not made by NewClient"}
	}
	if ctx == nil {
		return nil, &Error{Kind: KindInvalidArgument, Message: "ctx is nil"}
	}
	// The cleanup of the client must not run during the call.
	defer runtime.KeepAlive(c)
	return c.getBalance(ctx, options)
}

func (c *Client) isMade() bool {
	return c != nil && c.native != nil
}

// Close ends all calls in flight and closes the connections. These calls and later ones fail with [ErrClosed]. Close does
// not wait for the calls. You may call it again. The result is always nil: it makes Client an io.Closer.
func (c *Client) Close() error {
	if c.isMade() && c.native.close() {
		close(c.closing)
	}
	runtime.KeepAlive(c)
	return nil
}
