//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"runtime"
	"sync/atomic"
)

// nativeBytesPerReplyByte is about what the library holds for each byte of a reply: its text, and the model.
const nativeBytesPerReplyByte = 3

// leastPressure is how much native memory is taken before the collector is asked to run for it.
const leastPressure = 64 << 20

// held is the native memory of all balances, and taken is what was added since the collector last ran for it.
var held, taken atomic.Int64

// owned is a native balance that a cleanup frees.
type owned struct {
	balance *C.aicredits_balance
	bytes   int64
}

// account has the collector run after much native memory was taken. The collector sees only some hundred bytes per
// balance, and so would leave gigabytes of forgotten readings until it had a reason of Go's own.
func (o owned) account() {
	all, since := held.Add(o.bytes), taken.Add(o.bytes)
	if since >= max(leastPressure, all/2) && taken.CompareAndSwap(since, 0) {
		runtime.GC()
	}
}

func freeOwned(o owned) {
	C.aicredits_balance_free(o.balance)
	held.Add(-o.bytes)
}
