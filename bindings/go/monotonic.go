//go:build cgo && linux

package aicredits

// #include "native_linux.h"
import "C"

import (
	"math"
	"time"
)

// epoch is one moment on Go's clock and on CLOCK_MONOTONIC. Go uses CLOCK_MONOTONIC too, but does not show its readings.
var epoch, epochNS = readClocks()

func readClocks() (time.Time, int64) {
	var moment time.Time
	var reading int64
	// The smallest gap of several: the thread may pause between the two readings.
	for gap, tries := time.Duration(math.MaxInt64), 0; tries < 8; tries++ {
		before := time.Now()
		ns := int64(C.aicredits_go_monotonic_ns())
		if took := time.Since(before); took < gap {
			// At the latest, so that no deadline becomes later than it is.
			gap, moment, reading = took, before, ns-int64(took)
		}
	}
	return moment, reading
}

// monotonicNS is an instant in nanoseconds of CLOCK_MONOTONIC.
func monotonicNS(instant time.Time) C.int64_t {
	// In two steps, because an instant without a monotonic reading is compared by the wall clock, which may have been set.
	now := time.Now()
	// The limit keeps the sum from overflowing: a context's deadline may be any time in the past.
	ahead := max(instant.Sub(now), -24*time.Hour)
	return C.int64_t(epochNS + int64(now.Sub(epoch)) + int64(ahead))
}
