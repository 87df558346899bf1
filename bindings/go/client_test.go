package aicredits

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
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

func TestASupplierIsAskedAndItsFailureTold(t *testing.T) {
	key := os.Getenv("WIX_API_KEY")
	for _, each := range []struct {
		supplier func() (string, error)
		message  string
	}{
		{func() (string, error) { return key, nil }, ""},
		{func() (string, error) { return "", errors.New("the vault is shut") }, "the vault is shut"},
		{func() (string, error) { panic("no vault") }, "the supplier panicked: no vault"},
		{func() (string, error) { return "two\x00parts", nil }, "character"},
	} {
		_, err := newClient(t, WithCredentialSupplier(each.supplier)).GetBalance(background)
		if each.message == "" && err == nil {
			continue
		}
		if !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), each.message) {
			t.Error(each.message, err)
		}
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

func TestAnEndedContextEndsTheCallInEachPhase(t *testing.T) {
	baseline := entries(t, "/proc/self/fd")
	for name, reply := range map[string]string{
		"head":  "HTTP/1.1 ",
		"body":  "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
		"pause": "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 15\r\nContent-Length: 0\r\n\r\n",
	} {
		for _, mode := range []string{"cancel", "deadline"} {
			t.Run(name+"-"+mode, func(t *testing.T) {
				server := serve(t, always(reply))
				client := newClient(t, WithBaseURL(server.url))
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
				await(t, "the request", server.requests)
				if mode == "cancel" {
					cancel()
				}
				err := await(t, "the call's end", failed)
				if !errors.Is(err, want) || errors.Is(err, ErrCancelled) != (mode == "cancel") ||
					errors.Is(err, ErrTimeout) != (mode == "deadline") || !strings.HasPrefix(err.Error(), want.Error()) {
					t.Error(err)
				}
				client.Close()
				await(t, "the connection's end", server.ended)
			})
		}
	}
	eventually(t, "descriptors are as before", func() bool { return entries(t, "/proc/self/fd") <= baseline })

	// Nobody is there, and nobody refuses: connecting hangs.
	full, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	backlogFull(t, full)
	connecting, cancelConnecting := context.WithTimeout(background, 100*time.Millisecond)
	defer cancelConnecting()
	if _, err := newClient(t, WithBaseURL("http://"+full.Addr().String())).GetBalance(connecting); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}

	ended, cancel := context.WithCancel(background)
	cancel()
	server := serve(t, always(ok("{}")))
	_, err = newClient(t, WithBaseURL(server.url)).GetBalance(ended)
	var failure *Error
	if !errors.Is(err, context.Canceled) || len(server.requests) != 0 || !errors.As(err, &failure) || failure.Scope == nil {
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
	if !errors.As(err, &failure) || failure.Kind != KindClosed || failure.Scope.SiteID != "s" {
		t.Error(err)
	}
}

func TestWaitingForAPlaceHonoursTimesAndContexts(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
	go client.GetBalance(background)
	await(t, "the request", server.requests)
	if _, err := client.GetBalance(background, Within(50*time.Millisecond)); !errors.Is(err, ErrTimeout) ||
		!strings.Contains(err.Error(), "max_concurrency allows (1)") {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetBalance(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if len(server.requests) != 0 {
		t.Error("what waits sends nothing")
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
	server := serve(t, always(ok("{}")))
	func() {
		client, err := NewClient(FromEnv(), WithBaseURL(server.url))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.GetBalance(background); err != nil {
			t.Fatal(err)
		}
	}()
	eventually(t, "its connection ends", func() bool {
		runtime.GC()
		return len(server.ended) == 1
	})
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
				client, err := NewClient(FromEnv(), WithCredentialSupplier(func() (string, error) { return key, nil }))
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
