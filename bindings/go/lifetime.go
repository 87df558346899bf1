package aicredits

import "sync/atomic"

// lifetime counts the uses of a native object, so that one goroutine may close the object while others use it. The goroutine
// that ends the last use of a closed object frees the object.
type lifetime struct {
	// Twice the number of uses, and 1 more if the object is closed.
	state atomic.Int64
}

// acquire keeps the object from being freed until release. It reports false if the object is closed.
func (l *lifetime) acquire() bool {
	for {
		state := l.state.Load()
		if state&1 != 0 {
			return false
		}
		if l.state.CompareAndSwap(state, state+2) {
			return true
		}
	}
}

// release ends a use. It reports whether the caller must free the object.
func (l *lifetime) release() (mustFree bool) {
	return l.state.Add(-2) == 1
}

// isLast is called within a use of a closed object. It reports whether no other use is left, and none can begin.
func (l *lifetime) isLast() bool {
	return l.state.Load() == 3
}

// close is called within a use. It reports whether this was the first time.
func (l *lifetime) close() bool {
	return l.state.Or(1)&1 == 0
}
