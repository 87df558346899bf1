package aicredits

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

var background = context.Background()

func TestTheExampleIsRead(t *testing.T) {
	balance, err := newClient(t).GetBalance(background)
	if err != nil {
		t.Fatal(err)
	}
	const shown = "recurring: 850 of 1000\ntop-up: 200 of 200\n" +
		"subscription d7a341c4-196b-46e7-813c-2b0fc1847ec6\n  MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z\n" +
		"no subscription\n  NO_PERIOD: 200 of 200"
	if balance.String() != shown {
		t.Error(balance)
	}
	if available, known := balance.Available(); available != 1050 || !known {
		t.Error(available, known)
	}
	rule := balance.CreditBalanceBreakdown[0].UsageRules[0]
	if *rule.Period != PeriodMonth || rule.ResetDate.Unix() != 1782864000 || rule.ResetDate.Location() != time.UTC {
		t.Error(rule)
	}
	account := os.Getenv("WIX_ACCOUNT_ID")
	if balance.Scope.AccountID != account || balance.RequestID == "" || balance.FetchedAt == nil || balance.ServerDate == nil {
		t.Error(balance.Scope, balance.RequestID)
	}
	count := 0
	for range balance.Sources() {
		count++
		break
	}
	raw, err := json.Marshal(balance)
	if err != nil || count != 1 {
		t.Fatal(err)
	}
	var again Balance
	if err := json.Unmarshal(raw, &again); err != nil || again.String() != shown || again.Scope != nil {
		t.Error(err, again.String())
	}
}

func TestWhatIsAbsentIsNil(t *testing.T) {
	balance, err := FromJSON([]byte(`{"topUpCredits":{},"creditBalanceBreakdown":[{"usageRules":[{},{"period":"NEW\u001b\u202e"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	rules := balance.CreditBalanceBreakdown[0].UsageRules
	if balance.PeriodicCredits != nil || balance.TopUpCredits.Balance != nil || rules[0] != (UsageRule{}) {
		t.Error(balance)
	}
	if _, known := balance.Available(); known {
		t.Error("a pool without its balance counts as 0")
	}
	if *rules[1].Period != "NEW\x1b\u202e" || rules[1].String() != `NEW\u{1b}\u{202e}: unknown of unknown` {
		t.Error(rules[1])
	}
	if empty, err := FromJSON([]byte("{}")); err != nil || empty.CreditBalanceBreakdown != nil {
		t.Error(empty, err)
	}
	for _, bad := range []string{"", "[]", `{"periodicCredits":7}`} {
		if _, err := FromJSON([]byte(bad)); !errors.Is(err, ErrDecode) {
			t.Error(bad, err)
		}
	}
}

// A balance is plain data: what is done to one source does not reach another.
func TestSourcesDoNotShareTheirEnds(t *testing.T) {
	balance, err := FromJSON([]byte(`{"creditBalanceBreakdown":[{"usageRules":[{"cap":1}]},{"usageRules":[{"cap":2}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	sources := balance.CreditBalanceBreakdown
	sources[0].UsageRules = append(sources[0].UsageRules, UsageRule{})
	if *sources[1].UsageRules[0].Cap != 2 {
		t.Error(sources)
	}
}

func TestAnErrorTellsAllThatIsKnown(t *testing.T) {
	_, err := newClient(t, WithAPIKey("IST.canary-wrong")).GetBalance(background)
	var failure *Error
	if !errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) || !errors.As(err, &failure) {
		t.Fatal(err)
	}
	if failure.HTTPStatus != 401 || failure.RequestID == "" || failure.Scope == nil || len(failure.Attempts) != 1 {
		t.Errorf("%+v", failure)
	}
	attempt := failure.Attempts[0]
	if attempt.Phase != PhaseReply || attempt.Phase.String() != "REPLY" || attempt.HTTPStatus != 401 || attempt.Duration <= 0 {
		t.Errorf("%+v", attempt)
	}
	if strings.Contains(fmt.Sprintf("%+v %v", failure, err), "canary") {
		t.Error("the key is in the error")
	}
	if ErrUnauthorized.Error() != "aicredits: UNAUTHORIZED" {
		t.Error(ErrUnauthorized)
	}
}

func TestAWrongSettingIsRefusedByName(t *testing.T) {
	for name, option := range map[string]Option{
		"api_key":             WithAPIKey("IST.a\x00b"),
		"authorization":       WithAuthorization(""),
		"account_id":          WithAccount("a\nb"),
		"site_id":             WithSite(""),
		"scope":               WithCredentialScope(),
		"base_url":            WithBaseURL("ftp://wix.example"),
		"timeout":             WithTimeout(-time.Second),
		"max_reply_bytes":     WithMaxReplyBytes(0),
		"max_retries":         WithMaxRetries(11),
		"max_concurrency":     WithMaxConcurrency(0),
		"ca_file":             WithCAFile("/nowhere"),
		"ca_pem":              WithCAPEM(nil),
		"proxy":               WithProxy("socks5://proxy.example"),
		"name":                WithName("two\nlines"),
		"credential_supplier": WithCredentialSupplier(nil),
	} {
		client, err := NewClient(FromEnv(), option)
		if client != nil || !errors.Is(err, ErrInvalidArgument) || !strings.HasPrefix(err.Error(), name+" ") {
			t.Error(name, err)
		}
	}
	if _, err := newClient(t).GetBalance(background, Within(0)); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
	if _, err := newClient(t).GetBalance(background, ForSite("")); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

func TestACallMayHaveItsOwnScope(t *testing.T) {
	server := serve(t, always(ok("{}")))
	client := newClient(t, WithBaseURL(server.url), WithAuthorization("Bearer canary-token"))
	for _, each := range []struct {
		option CallOption
		scope  Scope
		sent   string
	}{
		{ForAccount("a-1"), Scope{AccountID: "a-1"}, "wix-account-id: a-1\r\n"},
		{ForSite("s-1"), Scope{SiteID: "s-1"}, "wix-site-id: s-1\r\n"},
		{ForAccountAndSite("a-1", "s-1"), Scope{"a-1", "s-1"}, "wix-account-id: a-1\r\nwix-site-id: s-1\r\n"},
		{ForCredential(), Scope{}, "\r\n"},
	} {
		balance, err := client.GetBalance(background, each.option)
		if err != nil {
			t.Fatal(err)
		}
		request := await(t, "the request", server.requests)
		if *balance.Scope != each.scope || !strings.Contains(request, each.sent) {
			t.Error(balance.Scope, request)
		}
	}
}

// However the call was ending, an ended context is told.
func TestADeadlineThatPassesInAnErrorsBodyIsTold(t *testing.T) {
	server := serve(t, always("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 100\r\n\r\n{"))
	client := newClient(t, WithBaseURL(server.url), WithMaxRetries(0))
	for range 10 {
		ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
		_, err := client.GetBalance(ctx)
		cancel()
		if !errors.Is(err, ErrServer) || !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	}
}

func TestAClientThatNobodyMadeSaysSo(t *testing.T) {
	for _, client := range []*Client{nil, {}} {
		if _, err := client.GetBalance(background); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
	var none context.Context
	if _, err := newClient(t).GetBalance(none); !errors.Is(err, ErrInvalidArgument) {
		t.Error(err)
	}
}

// What an error holds is whoever's it was given to.
func TestAnErrorsScopeIsItsOwn(t *testing.T) {
	client := newClient(t)
	client.Close()
	for range 2 {
		_, err := client.GetBalance(background)
		var failure *Error
		if !errors.As(err, &failure) || failure.Scope.AccountID != os.Getenv("WIX_ACCOUNT_ID") {
			t.Fatal(err)
		}
		failure.Scope.AccountID = "another"
	}
}

func TestRecordsReachTheLogger(t *testing.T) {
	defer SetLogger(nil)
	var out bytes.Buffer
	SetLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	client := newClient(t, WithName("billing"))
	if _, err := client.GetBalance(background); err != nil {
		t.Fatal(err)
	}
	if _, err := client.GetBalance(background, ForSite("no-such-site")); err == nil {
		t.Fatal("there is no such site")
	}
	for _, part := range []string{"level=DEBUG", "level=WARN", "level=ERROR", "billing: "} {
		if !strings.Contains(out.String(), part) {
			t.Error(part, "is in no record")
		}
	}
	if strings.Contains(out.String(), os.Getenv("WIX_API_KEY")) {
		t.Error("the key is in a record")
	}
	SetLogger(slog.New(panicking{}))
	if _, err := client.GetBalance(background); err != nil {
		t.Error(err)
	}
}

type panicking struct{ slog.Handler }

func (panicking) Enabled(context.Context, slog.Level) bool  { return true }
func (panicking) Handle(context.Context, slog.Record) error { panic("a handler's own") }

type leaving struct{ panicking }

func (leaving) Handle(context.Context, slog.Record) error { runtime.Goexit(); return nil }

type closing struct {
	panicking
	client *Client
}

func (c closing) Handle(context.Context, slog.Record) error { return c.client.Close() }

func TestAHandlerMayDoAnythingButCall(t *testing.T) {
	defer SetLogger(nil)
	client := newClient(t, WithMaxConcurrency(1))
	SetLogger(slog.New(leaving{}))
	for range 3 {
		if _, err := client.GetBalance(background); err != nil {
			t.Error(err)
		}
	}
	SetLogger(slog.New(closing{client: client}))
	for range 2 {
		// The first may have its reply before its first record.
		if _, err := client.GetBalance(background); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if _, err := client.GetBalance(background); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestClosingIsNoFailedCall(t *testing.T) {
	defer SetLogger(nil)
	var out bytes.Buffer
	SetLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	newClient(t).Close()
	if out.Len() != 0 {
		t.Error(out.String())
	}
}

func TestAnEndedContextEndsTheCallInEachPhase(t *testing.T) {
	newClient(t).GetBalance(background)
	held := func() [2]int { return [2]int{entries(t, "/proc/self/fd"), runtime.NumGoroutine()} }
	before := held()
	full := backlogFull(t)
	t.Run("phases", func(t *testing.T) {
		for name, reply := range map[string]string{
			"connecting": "",
			"head":       "HTTP/1.1 ",
			"body":       "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
			"pause":      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",
		} {
			for _, mode := range []string{"cancel", "deadline"} {
				t.Run(name+"-"+mode, func(t *testing.T) {
					server := serve(t, always(reply))
					url := server.url
					if name == "connecting" {
						url = full.url
					}
					client := newClient(t, WithBaseURL(url))
					ctx, cancel := context.WithCancel(background)
					want := context.Canceled
					if mode == "deadline" {
						ctx, cancel = context.WithTimeout(background, 100*time.Millisecond)
						want = context.DeadlineExceeded
					}
					defer cancel()
					failed := make(chan error, 1)
					go func() {
						_, err := client.GetBalance(ctx)
						failed <- err
					}()
					if name != "connecting" {
						await(t, "the request", server.requests)
					}
					if mode == "cancel" {
						cancel()
					}
					err := await(t, "the call's end", failed)
					if name == "pause" && mode == "deadline" {
						// The pause does not fit, so it is not begun, and the server's advice is told.
						var failure *Error
						if !errors.Is(err, ErrServer) || !errors.As(err, &failure) || *failure.RetryAfter != 5*time.Second {
							t.Error(err)
						}
					} else if !errors.Is(err, want) || errors.Is(err, ErrCancelled) != (mode == "cancel") ||
						errors.Is(err, ErrTimeout) != (mode == "deadline") || !strings.HasPrefix(err.Error(), want.Error()) {
						t.Error(err)
					}
					client.Close()
					if name != "connecting" {
						await(t, "the connection's end", server.ended)
					}
				})
			}
		}
	})
	full.close()
	eventually(t, "descriptors and goroutines are as before", func() bool {
		now := held()
		return now[0] <= before[0] && now[1] <= before[1]
	})

	ended, cancel := context.WithCancel(background)
	cancel()
	server := serve(t, always(ok("{}")))
	client := newClient(t, WithBaseURL(server.url))
	_, err := client.GetBalance(ended)
	var failure *Error
	if !errors.Is(err, context.Canceled) || len(server.requests) != 0 || !errors.As(err, &failure) || failure.Scope == nil {
		t.Error(err)
	}
	client.Close()
	if _, err = client.GetBalance(ended); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// A deadline that both have is the context's as well.
func TestACoincidingDeadlineIsTheContexts(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url))
	for range 20 {
		ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
		_, err := client.GetBalance(ctx, Within(10*time.Millisecond))
		if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) || !errors.Is(err, ErrTimeout) {
			t.Error(ended, err)
		}
		cancel()
	}
}

// odd is a context of somebody's own making.
type odd struct{ context.Context }

func (o odd) Err() error {
	if err := o.Context.Err(); err != nil {
		return fmt.Errorf("my own: %w", err)
	}
	return nil
}

func TestAContextMayHaveItsOwnError(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url))
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetBalance(odd{ctx}); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
}

// early ends before it said that it would.
type early struct{ context.Context }

func (early) Deadline() (time.Time, bool) { return time.Now().Add(patience), true }

func TestAContextMayEndBeforeItsDeadline(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := newClient(t, WithBaseURL(server.url)).GetBalance(early{ctx})
	if !errors.Is(err, ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > patience/2 {
		t.Error(err)
	}
}

func TestOneCallIsCancelledAndTheOthersGoOn(t *testing.T) {
	server := serve(t, func(n int) string {
		if n == 0 {
			return "HTTP/1.1 "
		}
		return ok("{}")
	})
	client := newClient(t, WithBaseURL(server.url))
	ctx, cancel := context.WithCancel(background)
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(ctx); failed <- err }()
	await(t, "the request", server.requests)
	if _, err := client.GetBalance(background); err != nil {
		t.Error(err)
	}
	cancel()
	if err := await(t, "the call's end", failed); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := client.GetBalance(background); err != nil {
		t.Error(err)
	}
}

func TestClosingEndsWhatRunsAndWhatWaits(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
	failed := make(chan error, 3)
	for range 3 {
		go func() { _, err := client.GetBalance(background, ForSite("s")); failed <- err }()
	}
	await(t, "the request", server.requests)
	client.Close()
	client.Close()
	for range 3 {
		if err := await(t, "the call's end", failed); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	_, err := client.GetBalance(background, ForSite("s"))
	var failure *Error
	if !errors.As(err, &failure) || failure.Kind != KindClosed || failure.Scope.SiteID != "s" || !strings.Contains(err.Error(), "(site s)") {
		t.Error(err)
	}
}

func TestWaitingForAPlaceHonoursTimesAndContexts(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
	go client.GetBalance(background)
	await(t, "the request", server.requests)
	var failure *Error
	_, err := client.GetBalance(background, Within(50*time.Millisecond))
	if !errors.Is(err, ErrTimeout) || !errors.As(err, &failure) || failure.Scope.AccountID != os.Getenv("WIX_ACCOUNT_ID") ||
		!strings.Contains(err.Error(), "max_concurrency allows (1)") || !strings.Contains(err.Error(), failure.Scope.AccountID) {
		t.Error(err)
	}
	// What is refused anyway need not wait for that.
	for _, option := range []CallOption{Within(0), Within(-1), Within(25 * time.Hour), ForSite(""), ForAccountAndSite("a", "")} {
		if _, err := client.GetBalance(background, option); !errors.Is(err, ErrInvalidArgument) {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetBalance(ctx); !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "35s") {
		t.Error(err)
	}
	if len(server.requests) != 0 {
		t.Error("what waits sends nothing")
	}
}

// However large a balance is, it is read and freed in as many crossings as an empty one.
func TestOneCrossingReadsAWholeBalance(t *testing.T) {
	rule := `{"period":"MONTH","balance":850,"cap":1000,"resetDate":"2026-07-01T00:00:00Z"}`
	source := `{"subscriptionId":"s","usageRules":[` + strings.Repeat(rule+",", 9) + rule + `]}`
	crossings := func(body string) int64 {
		server := serve(t, always(ok(body)))
		client := newClient(t, WithBaseURL(server.url))
		before := runtime.NumCgoCall()
		balance, err := client.GetBalance(background)
		after := runtime.NumCgoCall()
		if err != nil || body != "{}" && len(balance.CreditBalanceBreakdown) != 1000 {
			t.Fatal(err)
		}
		return after - before
	}
	large := `{"creditBalanceBreakdown":[` + strings.Repeat(source+",", 999) + source + `]}`
	if one, many := crossings("{}"), crossings(large); one != many || one > 2 {
		t.Error(one, many)
	}
}

func TestABalanceIsEncodedByValueToo(t *testing.T) {
	const reply = `{"periodicCredits":{"balance":5,"cap":9},"new":true}`
	balance, err := FromJSON([]byte(reply))
	if err != nil {
		t.Fatal(err)
	}
	for want, value := range map[string]any{
		reply:                 *balance,
		"[" + reply + "]":     []Balance{*balance},
		`{"a":` + reply + "}": map[string]Balance{"a": *balance},
		`{"B":null}`:          struct{ B *Balance }{},
		"null":                Balance{},
	} {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Error(string(got), err)
		}
	}
	shown := fmt.Sprint(*balance, *balance.PeriodicCredits, balance.TopUpCredits)
	if shown != "recurring: 5 of 9\ntop-up: none 5 of 9 <nil>" {
		t.Error(shown)
	}
	kept := *balance
	if err := json.Unmarshal([]byte("null"), &kept); err != nil || kept.PeriodicCredits == nil {
		t.Error(kept, err)
	}
}

// Each blocked native call holds a thread, and at 10,000 the process would end: those that wait hold none.
func TestFiveThousandGoroutinesOnOneClient(t *testing.T) {
	client := newClient(t)
	var group sync.WaitGroup
	failures := make(chan error, 5000)
	for range 5000 {
		group.Add(1)
		go func() {
			defer group.Done()
			if _, err := client.GetBalance(background); err != nil {
				failures <- err
			}
		}()
	}
	group.Wait()
	if len(failures) != 0 {
		t.Error(<-failures)
	}
	if threads := entries(t, "/proc/self/task"); threads > 200 {
		t.Error(threads, "threads")
	}
}

func TestAForgottenClientIsFreed(t *testing.T) {
	type service struct{ client *Client }
	for _, leadsBack := range []bool{false, true} {
		server := serve(t, always(ok("{}")))
		func() {
			settings, forgotten := []Option{FromEnv(), WithBaseURL(server.url)}, &service{}
			if leadsBack {
				settings = append(settings, WithCredentialSupplier(func(context.Context) (string, error) {
					return fmt.Sprint("Bearer ", forgotten.client.timeout), nil
				}))
			}
			client, err := NewClient(settings...)
			if err != nil {
				t.Fatal(err)
			}
			forgotten.client = client
			if _, err := client.GetBalance(background); err != nil {
				t.Fatal(err)
			}
		}()
		eventually(t, "its connection ends", func() bool {
			runtime.GC()
			return len(server.ended) == 1
		})
	}
}

// The collector runs all the time while calls, suppliers and cancelling go on.
func TestUnderTheCollector(t *testing.T) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				runtime.GC()
			}
		}
	}()
	key := os.Getenv("WIX_API_KEY")
	var group sync.WaitGroup
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 50 {
				client, err := NewClient(FromEnv(), WithCredentialSupplier(func(context.Context) (string, error) { return key, nil }))
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithCancel(background)
				if balance, err := client.GetBalance(ctx); err != nil || balance.PeriodicCredits.String() != "850 of 1000" {
					t.Error(balance, err)
				}
				cancel()
			}
		}()
	}
	group.Wait()
	close(stop)
	<-stopped
}
