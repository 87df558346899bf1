//go:build cgo && linux

package aicredits

import (
	"runtime"
	"slices"
	"sync"
	"testing"
)

func TestEachEndOfAReservation(t *testing.T) {
	gate := newGate(t, serve(t, always(topUps(100))).url)
	for name, each := range map[string]struct {
		end   func(*Reservation) bool
		spent int64
	}{
		"Commit":                 {(*Reservation).Commit, 10},
		"CommitActual, less":     {func(r *Reservation) bool { return r.CommitActual(3) }, 3},
		"CommitActual, more":     {func(r *Reservation) bool { return r.CommitActual(12) }, 12},
		"CommitPart, then Close": {func(r *Reservation) bool { return r.CommitPart(4) && r.Cost() == 6 && r.Close() == nil }, 10},
		"Release":                {(*Reservation).Release, 0},
		"Close":                  {func(r *Reservation) bool { return r.Close() == nil && r.Close() == nil }, 10},
	} {
		reservation := mustReserve(t, gate, 10)
		before, _ := gate.State().Estimate()
		if !each.end(reservation) || gate.State().Reserved() != 0 {
			t.Error(name, gate.State().Reserved())
		}
		if after, _ := gate.State().Estimate(); before-after != each.spent {
			t.Error(name, before, after)
		}
		if reservation.Close(); reservation.Commit() || reservation.CommitActual(1) || reservation.CommitPart(1) || reservation.Release() ||
			reservation.ReportExhausted() || reservation.IsOpen() || reservation.Cost() != 0 {
			t.Error(name, "a closed reservation has another end")
		}
	}
}

func TestAPanicInTheActionLeavesItUnresolved(t *testing.T) {
	gate := newGate(t, serve(t, always(topUps(26))).url)
	func() {
		defer func() { recover() }()
		reservation := mustReserve(t, gate, 5)
		defer reservation.Close()
		panic("the action may have been charged")
	}()
	if estimate, _ := gate.State().Estimate(); estimate != 21 || gate.State().Reserved() != 0 {
		t.Error(estimate, gate.State())
	}
}

func TestACollectedReservationIsUnresolved(t *testing.T) {
	gate := newGate(t, serve(t, always(topUps(26))).url)
	func() { mustReserve(t, gate, 5) }()
	eventually(t, "the reservation is collected", func() bool { runtime.GC(); return gate.State().Reserved() == 0 })
	if estimate, _ := gate.State().Estimate(); estimate != 21 {
		t.Error(estimate)
	}
}

// The ends of one reservation race. One of them counts.
func TestOneOfManyEndsCounts(t *testing.T) {
	gate := newGate(t, serve(t, always(topUps(1000))).url)
	for range 100 {
		reservation := mustReserve(t, gate, 1)
		ends := make(chan bool, 8)
		var group sync.WaitGroup
		for i := range cap(ends) {
			group.Add(1)
			go func() {
				defer group.Done()
				if i == 0 {
					reservation.Close()
				} else {
					ends <- reservation.Commit()
				}
			}()
		}
		group.Wait()
		close(ends)
		if counted := slices.DeleteFunc(slices.Collect(values(ends)), func(ended bool) bool { return !ended }); len(counted) > 1 {
			t.Fatal(counted)
		}
	}
	if estimate, _ := gate.State().Estimate(); estimate != 900 || gate.State().Reserved() != 0 {
		t.Error(estimate)
	}
}

func values[T any](channel <-chan T) func(func(T) bool) {
	return func(yield func(T) bool) {
		for value := range channel {
			if !yield(value) {
				return
			}
		}
	}
}
