//go:build cgo && linux

package aicreditstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"aicredits.example/aicredits"
)

func TestAnEmulatorHasWhatAClientNeeds(t *testing.T) {
	t.Parallel()
	e := New(t)
	if e.APIKey() == "" || e.SiteKey() == "" || e.AccountID() == "" || e.SiteID() == "" || e.CAPEM() != "" {
		t.Error(e.AccountID(), e.SiteID())
	}
	balance := mustRead(t, e.Client(t))
	if scope, _ := balance.Scope(); scope.AccountID != e.AccountID() || balance.RequestID() == "" {
		t.Error(scope)
	}
	site := e.Client(t, aicredits.WithAPIKey(e.SiteKey()), aicredits.WithSite(e.SiteID()))
	if credits := spendable(t, site); credits != 850 {
		t.Error(credits, "of the site")
	}
	e.AssertGoodClient(t)
}

// Each has its own port, ledger, faults and journal.
func TestTenEmulatorsAtTheSameTime(t *testing.T) {
	for number := range 10 {
		t.Run(fmt.Sprint(number), func(t *testing.T) {
			t.Parallel()
			e := New(t)
			client := e.Client(t)
			for spent := range int64(20) {
				if credits := spendable(t, client); credits != 1050-spent*int64(number) {
					t.Error(credits)
				}
				must[Spent](t)(e.Spend(Spend{Cost: int64(number)}))
			}
			if journal := must[Journal](t)(e.Journal(JournalQuery{})); journal.Total != 20 {
				t.Error(journal.Total)
			}
			e.AssertGoodClient(t)
		})
	}
}

// One emulator is used by many goroutines, and closed by two of them.
func TestGoroutinesShareAnEmulator(t *testing.T) {
	t.Parallel()
	e := New(t)
	client := e.Client(t)
	var spending sync.WaitGroup
	for range 16 {
		spending.Add(1)
		go func() {
			defer spending.Done()
			for range 20 {
				if _, err := e.Spend(Spend{Cost: 1}); err != nil {
					t.Error(err)
				}
				read(client)
			}
		}()
	}
	spending.Wait()
	if credits := spendable(t, client); credits != 1050-320 {
		t.Error(credits)
	}
	var closing sync.WaitGroup
	for range 8 {
		closing.Add(2)
		go func() {
			defer closing.Done()
			for {
				if _, err := e.Spend(Spend{Cost: 0}); err != nil {
					refused(t, err, 0, "closed")
					return
				}
			}
		}()
		go func() { defer closing.Done(); e.Close() }()
	}
	closing.Wait()
}

func TestAClosedEmulatorRefuses(t *testing.T) {
	t.Parallel()
	e, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	client := e.Client(t, aicredits.WithMaxRetries(0))
	spendable(t, client)
	waiting := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		close(begun)
		_, err := e.Wait(background, Wait{Requests: 9, Timeout: 10 * time.Minute})
		waiting <- err
	}()
	<-begun
	if e.Close() != nil || e.Close() != nil {
		t.Error("closing has failed")
	}
	refused(t, <-waiting, 0, "closed")
	if _, err := e.State(); err == nil {
		t.Error("there is a state")
	} else {
		refused(t, err, 0, "closed")
	}
	if status, reply := e.Control("state", nil); status != 0 || !json.Valid(reply) {
		t.Error(status, string(reply))
	}
	if _, kind := read(client); kind != aicredits.KindNetwork {
		t.Error(kind)
	}
	// The values stay.
	if e.URL() == "" || e.APIKey() == "" {
		t.Error(e)
	}
	var report recorder
	if e.AssertGoodClient(&report); len(report.errors) != 1 {
		t.Error(report.errors)
	}
}

func TestNewFailsTheTestIfItCannotStart(t *testing.T) {
	t.Parallel()
	report := recorder{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		New(&report, WithScenario("no-such-one"))
		report.errors = append(report.errors, "it went on")
	}()
	<-ended
	if len(report.errors) != 1 || !strings.Contains(report.errors[0], "unknown_scenario") {
		t.Error(report.errors)
	}
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	errors []string
}

func (*recorder) Helper()             {}
func (r *recorder) Error(args ...any) { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Fatal(args ...any) { r.Error(args...); runtime.Goexit() }

func TestABadClientFailsTheTest(t *testing.T) {
	t.Parallel()
	e := New(t)
	call := func() {
		request, _ := http.NewRequest("POST", e.URL()+"/appmarket/credittransactions/v1/credit-transactions/balance", strings.NewReader("{}"))
		request.Header.Set("Authorization", "IST.wrong-canary-key")
		request.Header.Set("wix-account-id", e.AccountID())
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 401 {
			t.Error(response.Status)
		}
	}
	var report recorder
	call()
	if e.AssertGoodClient(&report); len(report.errors) != 0 {
		t.Error(report.errors)
	}
	call() // A 401 is final.
	e.AssertGoodClient(&report)
	if len(report.errors) != 1 || !strings.Contains(report.errors[0], "401") || strings.Contains(report.errors[0], "canary") {
		t.Error(report.errors)
	}
	if e.AssertGoodClientBy(&report, VerdictQuery{Allow: []VerdictRule{RetriedFinal}}); len(report.errors) != 1 {
		t.Error(report.errors)
	}
	if e.AssertGoodClientBy(&report, VerdictQuery{Allow: []VerdictRule{"no_such"}}); len(report.errors) != 2 || !strings.Contains(report.errors[1], "/allow/0") {
		t.Error(report.errors)
	}
	t.Log(report.errors[0])
}

func TestAKeyIsInNoTextOfAnEmulator(t *testing.T) {
	t.Parallel()
	e := New(t)
	must[KeyAdded](t)(e.Key(KeyChange{Name: "mine", Secret: NewSecret("IST.canary-of-a-key"), Accounts: []string{e.AccountID()}}))
	spendable(t, e.Client(t, aicredits.WithAPIKey("IST.canary-of-a-key")))
	values := []any{e, must[State](t)(e.State()), must[Journal](t)(e.Journal(JournalQuery{})), must[KeyAdded](t)(e.Key(KeyChange{Name: "mine"})),
		e.ClientOptions(), struct{ e *Emulator }{e}}
	for _, value := range values {
		var text string
		if _, isOptions := value.([]aicredits.Option); isOptions {
			text = fmt.Sprintf("%v %+v %#v", value, value, value)
		} else {
			text = shown(t, value)
		}
		for _, secret := range []string{"IST.canary-of-a-key", e.APIKey(), e.SiteKey()} {
			if strings.Contains(text, secret) {
				t.Errorf("%T: %s", value, text)
			}
		}
	}
	if text := fmt.Sprint(e); text != "aicreditstest.Emulator("+e.URL()+")" {
		t.Error(text)
	}
}

func TestANULIsRefused(t *testing.T) {
	t.Parallel()
	e := New(t)
	for _, each := range [][2]string{{"spend\x00", "{}"}, {"spend", "{}\x00"}} {
		if status, reply := e.Control(each[0], []byte(each[1])); status != 400 || !json.Valid(reply) {
			t.Error(status, string(reply))
		}
	}
	if status, reply := e.Control("no such action", nil); status != 404 || !strings.Contains(string(reply), "unknown_action") {
		t.Error(status, string(reply))
	}
}

// It starts emulators and counts what is left, so no other test runs at the same time.
func TestAClosedEmulatorLeavesNothing(t *testing.T) {
	held := func() [3]int { return [3]int{entries(t, "/proc/self/fd"), runtime.NumGoroutine(), emulatorThreads(t)} }
	before := held()
	for range 20 {
		e, err := Start()
		if err != nil {
			t.Fatal(err)
		}
		client, err := aicredits.NewClient(e.ClientOptions()...)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, kind := read(client); kind != 0 {
				t.Error(kind)
			}
		}
		if emulatorThreads(t) <= before[2] {
			t.Error("the count does not see the emulator's threads")
		}
		e.Close()
		client.Close()
	}
	eventually(t, "descriptors, goroutines and threads are as before", func() bool {
		now := held()
		return now[0] <= before[0] && now[1] <= before[1] && now[2] <= before[2]
	})
}

func TestAnUnreachableEmulatorIsFreed(t *testing.T) {
	before := emulatorThreads(t)
	func() {
		if _, err := Start(); err != nil {
			t.Fatal(err)
		}
	}()
	eventually(t, "its threads end", func() bool { runtime.GC(); return emulatorThreads(t) <= before })
}

func TestABalanceForAUnitTest(t *testing.T) {
	t.Parallel()
	balance := Balance(t, WithScenario("free-plan"))
	if credits, known := balance.Spendable(); credits != 30 || !known {
		t.Error(balance)
	}
	_, fetched := balance.FetchedAt()
	if scope, has := balance.Scope(); scope.AccountID == "" || !has || !fetched || balance.RequestID() == "" {
		t.Error(balance)
	}
	state := must[State](t)(New(t).State())
	state.Accounts[0].Allocations = []Allocation{{Allocation: "a", Rules: []Rule{{Period: aicredits.PeriodYear, Balance: 5, Cap: 9, ResetDate: july}}}}
	if built := Balance(t, WithState(state)); built.String() != "recurring: 5 of 9\ntop-up: none\nno subscription\n  YEAR: 5 of 9, resets 2026-07-01T00:00:00Z" {
		t.Error(built)
	}
	report := recorder{}
	ended := make(chan struct{})
	go func() { defer close(ended); Balance(&report, WithScenario("outage")) }()
	<-ended
	if len(report.errors) != 1 {
		t.Error(report.errors)
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	e := New(t)
	ctx, cancel := context.WithTimeout(background, 100*time.Millisecond)
	defer cancel()
	begun := time.Now()
	if _, err := e.Wait(ctx, Wait{Requests: 1, Timeout: 10 * time.Minute}); !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > patience {
		t.Error(err)
	}
}
