//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// agency is an emulator with many sites, a client whose key reads them, and a target for each of some sites.
func agency(t *testing.T, sites int, options ...Option) (*aicreditstest.Emulator, *Client, []Target) {
	t.Helper()
	emulator := aicreditstest.New(t, aicreditstest.WithScenario("agency-1000"))
	const secret = "IST.canary-of-all-sites-which-is-no-secret"
	var ids []string
	var targets []Target
	for site := range sites {
		ids = append(ids, fmt.Sprintf("0a1b2c3d-0000-4000-8000-0000517e%04d", site+1))
		targets = append(targets, SiteTarget(ids[site]))
		targets[site].Label = fmt.Sprint("Shop ", site)
	}
	change := aicreditstest.KeyChange{Name: "all", Secret: aicreditstest.NewSecret(secret), Sites: ids}
	if _, err := emulator.Key(change); err != nil {
		t.Fatal(err)
	}
	options = append([]Option{WithBaseURL(emulator.URL()), WithAPIKey(secret), WithPerCallScope()}, options...)
	return emulator, newClient(t, options...), targets
}

func newFleet(t *testing.T, ctx context.Context, client *Client, targets []Target, options ...FleetOption) *Fleet {
	t.Helper()
	fleet, err := client.GetBalances(ctx, targets, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { fleet.Close() })
	return fleet
}

// fleetThreads is the number of threads with the name of a fleet's. Compare it with that before the fleet: a thread that Go starts
// during a callback inherits the name, and stays.
func fleetThreads(t *testing.T) (count int) {
	t.Helper()
	tasks, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range tasks {
		if name, _ := os.ReadFile("/proc/self/task/" + task.Name() + "/comm"); strings.HasPrefix(string(name), "aicredits-fleet") {
			count++
		}
	}
	return count
}

func TestAFleetHasOneOutcomeForEachTarget(t *testing.T) {
	emulator, client, targets := agency(t, 40)
	other := newClient(t, WithBaseURL(emulator.URL()), WithAPIKey("IST.withdrawn"), WithPerCallScope())
	gone, again, denied := SiteTarget("gone"), targets[0], targets[0]
	again.Owner, denied.Client, denied.ClientName = "owner", other, "acme"
	targets = append(targets, gone, again, denied)
	before, threads := runtime.NumGoroutine(), fleetThreads(t)
	fleet := newFleet(t, background, client, targets, WithRate(1), WithoutRate())
	seen := map[int]Outcome{}
	for i, outcome := range fleet.Outcomes() {
		if _, twice := seen[i]; twice {
			t.Error(i, "twice")
		}
		seen[i] = outcome
		if outcome.Target != targets[i] || outcome.Target.Scope() != targets[i].Scope() {
			t.Error(i, outcome.Target)
		}
		started, sent := outcome.StartedAt()
		if !sent || len(outcome.Attempts) != 1 || outcome.EndedAt.Before(started) || time.Since(started) > patience {
			t.Error(i, outcome.Attempts, outcome.EndedAt)
		}
		if attempt := outcome.Attempts[0]; attempt.Phase != PhaseReply || attempt.RequestID != outcome.RequestID || outcome.RequestID == "" {
			t.Error(i, attempt, outcome.RequestID)
		}
	}
	for i, outcome := range seen {
		switch i {
		case 40, 42:
			var failure *Error
			want := map[int]error{40: ErrNotFound, 42: ErrUnauthorized}[i]
			if !errors.Is(outcome.Err, want) || !errors.As(outcome.Err, &failure) || len(failure.Attempts) != 1 || outcome.Balance != nil {
				t.Error(i, outcome.Err, outcome.Balance)
			}
		default:
			if _, known := outcome.Balance.Available(); outcome.Err != nil || !known {
				t.Error(i, outcome.Err)
			}
		}
	}
	if len(seen) != 43 || !seen[0].Balance.Equal(*seen[41].Balance) || requests(t, emulator) != 42 {
		t.Error(len(seen), requests(t, emulator))
	}
	// The loop has closed it.
	progress := fleet.Progress()
	_, paused := progress.PausedFor()
	left, known := progress.TimeLeft()
	if progress.Total != 43 || progress.Done != 43 || progress.Failed != 2 || progress.RecentAttempts != 42 || paused || left != 0 || !known {
		t.Error(progress)
	}
	if err := errors.Join(fleet.Close(), fleet.Close()); err != nil {
		t.Error(err)
	}
	eventually(t, "no goroutine and no thread is left", func() bool { return runtime.NumGoroutine() <= before && fleetThreads(t) <= threads })
}

func TestLeavingTheLoopEndsAFleet(t *testing.T) {
	server := answering(t, silent)
	client := newClient(t, WithBaseURL(server.URL()), WithMaxConcurrency(3))
	targets := []Target{AccountTarget("one"), SiteTarget("two"), AccountAndSiteTarget("three", "four"), SiteTarget("five")}
	before, threads := runtime.NumGoroutine(), fleetThreads(t)
	ctx, cancel := context.WithCancel(background)
	fleet := newFleet(t, ctx, client, targets, WithFleetTimeout(time.Hour), WithMaxPauses(1), WithFleetProcesses(2))
	awaitRequests(t, server, 3)
	cancel()
	for range fleet.Outcomes() {
		break
	}
	for i := range fleet.Outcomes() {
		t.Error(i, "after the loop was left")
	}
	eventually(t, "no goroutine, thread and connection is left", func() bool {
		return runtime.NumGoroutine() <= before && fleetThreads(t) <= threads && connections(t, server.URL()) == 0
	})
	if progress := fleet.Progress(); progress.Total != 4 || progress.Done < 1 {
		t.Error(progress)
	}
}

func TestAnEndedContextEndsAFleet(t *testing.T) {
	server := answering(t, silent)
	client := newClient(t, WithBaseURL(server.URL()), WithMaxConcurrency(1))
	targets := []Target{SiteTarget("one"), SiteTarget("two"), SiteTarget("three")}
	for name, test := range map[string]struct {
		start func() (context.Context, context.CancelFunc)
		want  []error
	}{
		"cancel": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(background)
			time.AfterFunc(20*time.Millisecond, func() { cancel(errors.New("no more")) })
			return ctx, func() { cancel(nil) }
		}, []error{ErrCancelled, context.Canceled}},
		"deadline": {func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(background, 20*time.Millisecond)
		}, []error{ErrTimeout, context.DeadlineExceeded}},
		"before": {func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(background)
			cancel()
			return ctx, cancel
		}, []error{ErrCancelled, context.Canceled}},
	} {
		ctx, cancel := test.start()
		seen, unsent := 0, 0
		for _, outcome := range newFleet(t, ctx, client, targets).Outcomes() {
			seen++
			if len(outcome.Attempts) == 0 {
				unsent++
			}
			for _, want := range test.want {
				if !errors.Is(outcome.Err, want) {
					t.Error(name, outcome.Err, want)
				}
			}
			if name == "cancel" && !strings.Contains(outcome.Err.Error(), "no more") {
				t.Error(outcome.Err)
			}
		}
		if seen != 3 || unsent < 2 || name == "before" && unsent != 3 {
			t.Error(name, seen, unsent)
		}
		cancel()
	}
	// The time of the fleet is not that of the context.
	ctx, cancel := context.WithTimeout(background, patience)
	defer cancel()
	for _, outcome := range newFleet(t, ctx, client, targets, WithFleetTimeout(20*time.Millisecond)).Outcomes() {
		if !errors.Is(outcome.Err, ErrTimeout) || errors.Is(outcome.Err, context.DeadlineExceeded) {
			t.Error(outcome.Err)
		}
	}
}

// The context is not cancelled, and nobody closes it.
func TestAFleetThatIsForgottenEnds(t *testing.T) {
	server := answering(t, silent)
	client := newClient(t, WithBaseURL(server.URL()))
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	threads := fleetThreads(t)
	if _, err := client.GetBalances(ctx, []Target{SiteTarget("one"), SiteTarget("two")}); err != nil {
		t.Fatal(err)
	}
	awaitRequests(t, server, 2)
	eventually(t, "its threads have ended", func() bool { runtime.GC(); return fleetThreads(t) <= threads })
}

func TestGoroutinesShareAFleetAndItsProgress(t *testing.T) {
	_, client, targets := agency(t, 40)
	fleet := newFleet(t, background, client, targets, WithoutRate())
	var seen [40]atomic.Int32
	var readers sync.WaitGroup
	for range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for i, outcome := range fleet.Outcomes() {
				seen[i].Add(1)
				if outcome.Err != nil {
					t.Error(outcome.Err)
				}
			}
		}()
	}
	for fleet.Progress().Done < 40 {
		runtime.Gosched()
	}
	readers.Wait()
	for i := range seen {
		// The reader of the end closes the fleet, while another one may still have an outcome.
		if count := seen[i].Load(); count != 1 {
			t.Error(i, count)
		}
	}
}

func TestClosingAFleetOrItsClientEndsTheWait(t *testing.T) {
	server := answering(t, silent)
	for _, what := range []string{"fleet", "client"} {
		client := newClient(t, WithBaseURL(server.URL()))
		fleet := newFleet(t, background, client, []Target{SiteTarget("one"), SiteTarget("two")})
		kinds := make(chan []Kind)
		go func() {
			var seen []Kind
			for _, outcome := range fleet.Outcomes() {
				seen = append(seen, KindOf(outcome.Err))
			}
			kinds <- seen
		}()
		eventually(t, "it waits", func() bool { return len(NativeCalls) == 1 })
		if what == "fleet" {
			fleet.Close()
		} else {
			client.Close()
		}
		seen := await(t, "the end of the loop", kinds)
		if what == "fleet" && len(seen) > 1 || what == "client" && (len(seen) != 2 || seen[0] != KindClosed || seen[1] != KindClosed) {
			t.Error(what, seen)
		}
		if _, err := client.GetBalances(background, nil); what == "client" && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
}

func TestWrongTargetsAndOptionsAreNamed(t *testing.T) {
	client := newClient(t)
	named, unmade := SiteTarget("s"), SiteTarget("s")
	named.ClientName, unmade.Client = "acme", new(Client)
	labelled := SiteTarget("")
	labelled.Label = "caf\u00e9"
	for message, target := range map[string]Target{
		"target 1 (caf\u00e9): SiteID is empty":     labelled,
		"target 1: AccountID is empty":              AccountTarget(""),
		"target 1: AccountID has":                   AccountAndSiteTarget("a\x00b", "s"),
		"target 1: ":                                CredentialTarget(),
		"targets[1] was not made by AccountTarget":  {Label: "a label"},
		"targets[1] has a ClientName and no Client": named,
		"targets[1] has a client that was not made": unmade,
		"targets[1].label is not UTF-8":             {},
	} {
		if strings.Contains(message, "UTF-8") {
			target = SiteTarget("s")
			target.Label = "\xff"
		}
		_, err := client.GetBalances(background, []Target{SiteTarget("s"), target})
		var failure *Error
		if !errors.Is(err, ErrInvalidArgument) || !errors.As(err, &failure) || failure.Setting != "targets" || !strings.Contains(err.Error(), message) {
			t.Error(message, err)
		}
	}
	for message, options := range map[string][]FleetOption{
		"WithRate is":           {WithRate(0)},
		"WithRate is 9":         {WithRate(9), WithFleetProcesses(10)},
		"WithFleetProcesses is": {WithFleetProcesses(0)},
		"WithMaxPauses is":      {WithMaxPauses(1001), nil},
		"WithFleetTimeout must": {WithFleetTimeout(0)},
	} {
		if _, err := client.GetBalances(background, nil, options...); !errors.Is(err, ErrInvalidArgument) || !strings.Contains(err.Error(), message) {
			t.Error(message, err)
		}
	}
	//lint:ignore SA1012 a nil context is refused
	if _, err := client.GetBalances(nil, nil); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if _, err := new(Client).GetBalances(background, nil); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	var none *Fleet
	for range none.Outcomes() {
		t.Error("an outcome")
	}
	for range newFleet(t, background, client, nil).Outcomes() {
		t.Error("an outcome")
	}
	if none.Close() != nil || new(Fleet).Close() != nil || none.Progress() != new(Fleet).Progress() {
		t.Error("no fleet")
	}
}

// The threads of a fleet are not Go's, and make no call of Go.
func TestTheThreadsOfAFleetAskTheProviderAndLog(t *testing.T) {
	var lines atomic.Int32
	SetLogger(slog.New(slog.NewTextHandler(writer(func([]byte) { lines.Add(1) }), &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer SetLogger(nil)
	key, asked := "", new(atomic.Int32)
	var client *Client
	provider := WithCredentialProvider(func(ctx context.Context) (string, error) {
		if asked.Add(1) == 1 {
			// A call within a provider waits for no permit.
			if _, err := newClient(t).GetBalance(ctx); err != nil {
				t.Error(err)
			}
		}
		if _, ok := ctx.Deadline(); !ok || ctx.Value(key) != nil {
			t.Error("the provider's context")
		}
		return os.Getenv("WIX_API_KEY"), nil
	})
	client = newClient(t, provider)
	for _, outcome := range newFleet(t, background, client, []Target{AccountTarget(os.Getenv("WIX_ACCOUNT_ID")), SiteTarget("gone")}).Outcomes() {
		if outcome.Err != nil && !errors.Is(outcome.Err, ErrNotFound) {
			t.Error(outcome.Err)
		}
	}
	if asked.Load() != 2 || lines.Load() == 0 {
		t.Error(asked.Load(), lines.Load())
	}
}

type writer func([]byte)

func (w writer) Write(line []byte) (int, error) {
	w(line)
	return len(line), nil
}

func TestAProviderThatHangsDoesNotKeepAFleet(t *testing.T) {
	asked := make(chan struct{}, 1)
	client := newClient(t, WithCredentialProvider(func(ctx context.Context) (string, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return "", ctx.Err()
	}))
	for _, how := range []string{"close", "cancel"} {
		ctx, cancel := context.WithCancel(background)
		fleet := newFleet(t, ctx, client, []Target{SiteTarget("one")})
		await(t, "the provider", asked)
		if how == "cancel" {
			cancel()
			// The callback has returned.
			eventually(t, "the target has its outcome", func() bool { return fleet.Progress().Done == 1 })
		}
		closed := make(chan error, 1)
		go func() { closed <- fleet.Close() }()
		await(t, "the end of the threads", closed)
		cancel()
	}
}
