//go:build cgo && linux

package aicredits_test

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "aicredits.example/aicredits"
)

func TestEachEndOfAReservation(t *testing.T) {
	gate := newGate(t, withCredits(t, 100))
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
	gate := newGate(t, withCredits(t, 26))
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
	gate := newGate(t, withCredits(t, 26))
	func() { mustReserve(t, gate, 5) }()
	eventually(t, "the reservation is collected", func() bool { runtime.GC(); return gate.State().Reserved() == 0 })
	if estimate, _ := gate.State().Estimate(); estimate != 21 {
		t.Error(estimate)
	}
}

// A refusal is news, even of an action whose reservation has expired.
func TestARefusalCountsAfterAReservationHasExpired(t *testing.T) {
	gate := newGate(t, withCredits(t, 26))
	reservation := mustReserve(t, gate, 5, WithCallReservationTTL(time.Second))
	eventually(t, "it expires", func() bool { return !reservation.IsOpen() })
	if reservation.ReportExhausted() {
		t.Error("the reservation had ended")
	}
	if _, err := gate.Reserve(background, 1); denialOf(t, err).Reason() != DenialReasonExhausted {
		t.Error(err)
	}
}

// The ends of one reservation race. One of them counts.
func TestOneOfManyEndsCounts(t *testing.T) {
	gate := newGate(t, withCredits(t, 1000))
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

// The goroutine that ends the last use frees the library's reservation, also while others read its figures.
func TestACommitRacesWithEveryOtherUse(t *testing.T) {
	gate := newGate(t, withCredits(t, 1000))
	for range 100 {
		reservation := mustReserve(t, gate, 1)
		var group sync.WaitGroup
		var counted atomic.Int64
		start := make(chan struct{})
		for i := range 64 {
			group.Add(1)
			go func() {
				defer group.Done()
				<-start
				switch i % 4 {
				case 0:
					if reservation.Commit() {
						counted.Add(1)
					}
				case 1:
					if cost := reservation.Cost(); cost > 1 {
						t.Error(cost)
					}
				case 2:
					if isOpen := reservation.IsOpen(); isOpen && reservation.Count() != 1 {
						t.Error(reservation.Count())
					}
				default:
					reservation.Close()
				}
			}()
		}
		close(start)
		group.Wait()
		if counted.Load() > 1 || reservation.Commit() || reservation.IsOpen() || reservation.Cost() != 0 {
			t.Fatal(counted.Load(), reservation.Cost())
		}
		if uses := reservation.Uses(); uses != 1 {
			t.Fatal(uses, "is not the state of a closed object without uses")
		}
	}
	if estimate, _ := gate.State().Estimate(); estimate != 900 || gate.State().Reserved() != 0 {
		t.Error(estimate, gate.State().Reserved())
	}
}

// Without Close, exactly one of the ends is a commit.
func TestOneOfManyCommitsCounts(t *testing.T) {
	gate := newGate(t, withCredits(t, 1000))
	for range 100 {
		reservation := mustReserve(t, gate, 1)
		var group sync.WaitGroup
		var counted atomic.Int64
		for i := range 64 {
			group.Add(1)
			go func() {
				defer group.Done()
				commit := reservation.Commit
				if i%2 == 1 {
					commit = func() bool { return reservation.CommitActual(1) }
				}
				if commit() {
					counted.Add(1)
				}
			}()
		}
		group.Wait()
		if counted.Load() != 1 {
			t.Fatal(counted.Load())
		}
	}
	if estimate, _ := gate.State().Estimate(); estimate != 900 {
		t.Error(estimate)
	}
}

// A call that is reused has nothing of the call before: neither its label nor its time to live nor its count.
func TestAReusedCallIsEmpty(t *testing.T) {
	gate := newGate(t, withCredits(t, 1000))
	for range 100 {
		labelled, err := gate.ReserveUpTo(background, 2, 3, WithLabel("a job"), WithCallReservationTTL(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		plain := mustReserve(t, gate, 1)
		if labelled.Label() != "a job" || labelled.Count() != 3 || plain.Label() != "" || plain.Count() != 1 || plain.Cost() != 1 {
			t.Fatal(labelled.Label(), labelled.Count(), plain.Label(), plain.Count(), plain.Cost())
		}
		if _, err := gate.Reserve(background, 2000); denialOf(t, err).Label() != "" || denialOf(t, err).Cost() != 2000 {
			t.Fatal(err)
		}
		plain.Release()
		labelled.Release()
		if !IsCallInPoolZero() {
			t.Fatal("a call in the pool is not zero")
		}
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
