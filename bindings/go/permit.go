//go:build cgo && linux

package aicredits

import "time"

// semaphore limits how many calls run at once. Each call in flight holds one value in it.
type semaphore chan struct{}

// nativeCalls limits the native calls of the process. A native call that blocks holds a thread, and Go ends a program with
// more than 10,000 threads.
var nativeCalls = make(semaphore, 256)

// permits are what a call holds while it runs: one of its client, and one of the process.
type permits struct {
	client, process semaphore
	// The time that the call has spent in each queue.
	waitForClient, waitForProcess time.Duration
}

func (p *permits) hasWaited() bool {
	return p.waitForClient+p.waitForProcess > 0
}

func (p *permits) release() {
	for _, held := range []semaphore{p.process, p.client} {
		if held != nil {
			<-held
		}
	}
}

// acquirePermits waits in Go for both permits. The library would wait for the client's permit too, but in a thread.
//
// It gives up when the call ends while it waits. The call then goes on without a permit: the library returns at once and
// reports why the call has ended.
func (c *call) acquirePermits() {
	if c.settings.isInvalid() {
		return
	}
	if !c.acquire(c.client.permits, &c.permits.waitForClient) {
		return
	}
	c.permits.client = c.client.permits
	if c.acquire(nativeCalls, &c.permits.waitForProcess) {
		c.permits.process = nativeCalls
	}
}

// acquire waits for one permit, and reports whether the call has it. It measures the wait.
func (c *call) acquire(from semaphore, wait *time.Duration) bool {
	select {
	case from <- struct{}{}:
		return true
	default:
	}
	if isWithinProvider(c.ctx) {
		// The call that asks the provider may hold the last permit. The library itself keeps to max_concurrency.
		return false
	}
	begun := time.Now()
	defer func() { *wait = time.Since(begun) }()
	timer := time.NewTimer(time.Until(c.deadline))
	defer timer.Stop()
	select {
	case from <- struct{}{}:
		return true
	case <-c.ctx.Done():
	case <-c.client.closing:
	case <-timer.C:
	}
	return false
}
