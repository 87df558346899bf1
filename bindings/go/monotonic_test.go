//go:build cgo && linux

package aicredits

import (
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// clockMonotonic reads CLOCK_MONOTONIC.
func clockMonotonic(t *testing.T) int64 {
	t.Helper()
	var now syscall.Timespec
	if _, _, failed := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&now)), 0); failed != 0 {
		t.Fatal(failed)
	}
	return now.Nano()
}

func TestAnInstantIsNeverLaterOnTheLibrarysClock(t *testing.T) {
	for range 1000 {
		instant := time.Now()
		after := clockMonotonic(t)
		if converted := int64(monotonicNS(instant)); converted > after {
			t.Fatal(converted-after, "ns late")
		}
	}
	earlier := clockMonotonic(t)
	if early := time.Duration(earlier - int64(monotonicNS(time.Now()))); early > 10*time.Millisecond {
		t.Error(early, "early")
	}
	wall := time.Now().Round(0)
	if ahead := time.Duration(int64(monotonicNS(wall.Add(time.Second))) - clockMonotonic(t)); ahead > time.Second || ahead < 900*time.Millisecond {
		t.Error("without a monotonic reading:", ahead)
	}
}
