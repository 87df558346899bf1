//go:build cgo && linux

package aicreditstest

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aicredits.example/aicredits"
)

// act calls the paid action, as a program calls the vendor.
func act5(t *testing.T, e *Emulator) (status int) {
	t.Helper()
	request, err := http.NewRequest("POST", e.URL()+PaidActionPath, strings.NewReader(`{"cost":5}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", e.APIKey())
	request.Header.Set("wix-account-id", e.AccountID())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

func newGate(t *testing.T, e *Emulator, options ...aicredits.GateOption) *aicredits.Gate {
	t.Helper()
	gate, err := e.Client(t).NewGate(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gate.Close() })
	return gate
}

func reasonOf(err error) aicredits.DenialReason {
	var denial *aicredits.Denial
	if errors.As(err, &denial) {
		return denial.Reason()
	}
	return 0
}

// The whole path: check, reserve, act, commit; then the vendor's refusal, and a new day.
func TestAGateAgainstALedgerThatSpends(t *testing.T) {
	t.Parallel()
	e := New(t, WithScenario("free-plan"))
	gate := newGate(t, e, aicredits.WithMinInterval(0))
	for paid := range int64(4) {
		balance, err := gate.Refresh(background)
		if err != nil {
			t.Fatal(err)
		}
		if affordability, err := balance.CanAfford(5); err != nil || !affordability.OK() {
			t.Fatal(affordability, err)
		}
		if credits, _ := balance.Spendable(); credits != 30-5*paid {
			t.Error(credits)
		}
		reservation, err := gate.Reserve(background, 5)
		if err != nil {
			t.Fatal(err)
		}
		if status := act5(t, e); status != 200 || !reservation.Commit() {
			t.Error(status)
		}
	}
	// 10 are left, and another program spends 7 of them.
	reservation, err := gate.Reserve(background, 5)
	if err != nil {
		t.Fatal(err)
	}
	must[Spent](t)(e.Spend(Spend{Cost: 7}))
	if status := act5(t, e); status != 428 || !reservation.ReportExhausted() {
		t.Error(status)
	}
	if _, err := gate.Reserve(background, 5); reasonOf(err) == 0 {
		t.Error(err)
	}
	must[Clock](t)(e.Clock(ClockChange{Advance: 24 * time.Hour}))
	if balance, err := gate.Refresh(background); err != nil {
		t.Error(err)
	} else if credits, _ := balance.Spendable(); credits != 30 {
		t.Error(credits)
	}
	reservation, err = gate.Reserve(background, 5)
	if err != nil {
		t.Fatal(err)
	}
	if status := act5(t, e); status != 200 || !reservation.Commit() {
		t.Error(status)
	}
	if paid := must[Journal](t)(e.Journal(JournalQuery{Route: RoutePaidAction})).Requests; len(paid) != 6 || paid[4].Status != 428 {
		t.Errorf("%+v", paid)
	}
	e.AssertGoodClientBy(t, VerdictQuery{Require: Require{SingleFlight: true}})
}

// No goroutine is refused by the vendor, and no credit is left over.
func TestManyGoroutinesSpendTheLedgerToTheEnd(t *testing.T) {
	t.Parallel()
	e := New(t, WithScenario("free-plan"))
	gate := newGate(t, e)
	var group sync.WaitGroup
	var acted atomic.Int64
	for range 32 {
		group.Add(1)
		go func() {
			defer group.Done()
			for {
				reservation, err := gate.Reserve(background, 5)
				if err != nil {
					if reasonOf(err) != aicredits.DenialReasonInsufficient {
						t.Error(err)
					}
					return
				}
				if status := act5(t, e); status != 200 {
					t.Error(status)
				}
				acted.Add(1)
				reservation.Commit()
			}
		}()
	}
	group.Wait()
	if acted.Load() != 6 {
		t.Error(acted.Load(), "of 6 actions")
	}
	e.AssertGoodClientBy(t, VerdictQuery{Require: Require{SingleFlight: true}})
}
