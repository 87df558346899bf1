//go:build cgo && linux

package aicredits_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

var background = context.Background()

func TestTheExampleOfTheAPIPageIsParsed(t *testing.T) {
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
	rule := rulesOf(balance)[0]
	period, _ := rule.Period()
	if date, _ := rule.ResetDate(); period != PeriodMonth || date.Unix() != 1782864000 || date.Location() != time.UTC {
		t.Error(rule)
	}
	scope, fetched := balance.Scope()
	_, hasTime := balance.FetchedAt()
	_, hasDate := balance.ServerDate()
	if scope.AccountID != os.Getenv("WIX_ACCOUNT_ID") || !fetched || !hasTime || !hasDate || balance.RequestID() == "" {
		t.Error(scope, balance.RequestID())
	}
	count := 0
	for range balance.CreditBalanceBreakdown() {
		count++
		break
	}
	if count != 1 {
		t.Error(count)
	}
}

// rulesOf returns the rules of all sources.
func rulesOf(balance *Balance) (rules []UsageRule) {
	for source := range balance.CreditBalanceBreakdown() {
		rules = slices.AppendSeq(rules, source.UsageRules())
	}
	return rules
}

func TestAbsentFieldsAreReportedAsAbsent(t *testing.T) {
	balance, err := FromJSON([]byte(`{"topUpCredits":{},"creditBalanceBreakdown":[{"usageRules":[{},{"period":"NEW\u001b\u202e"}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	rules := rulesOf(balance)
	_, periodic := balance.PeriodicCredits()
	topUp, _ := balance.TopUpCredits()
	if _, counted := topUp.Balance(); periodic || counted || rules[0] != (UsageRule{}) {
		t.Error(balance)
	}
	if _, known := balance.Available(); known {
		t.Error("a pool without its balance counts as 0")
	}
	if period, _ := rules[1].Period(); period != "NEW\x1b\u202e" || rules[1].String() != `NEW\u{1b}\u{202e}: unknown of unknown` {
		t.Error(rules[1])
	}
	if empty, err := FromJSON([]byte("{}")); err != nil || len(rulesOf(empty)) != 0 {
		t.Error(empty, err)
	}
	for _, bad := range []string{"", "[]", `{"periodicCredits":7}`} {
		if _, err := FromJSON([]byte(bad)); !errors.Is(err, ErrDecode) {
			t.Error(bad, err)
		}
	}
}

func TestAnErrorHasAllFields(t *testing.T) {
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
		"WithAPIKey":             WithAPIKey("IST.a\x00b"),
		"WithAuthorization":      WithAuthorization(""),
		"WithAccount":            WithAccount("a\nb"),
		"WithSite":               WithSite(""),
		"scope":                  WithCredentialScope(),
		"WithBaseURL":            WithBaseURL("ftp://wix.example"),
		"WithTimeout":            WithTimeout(-time.Second),
		"WithMaxReplyBytes":      WithMaxReplyBytes(0),
		"WithMaxRetries":         WithMaxRetries(11),
		"WithMaxConcurrency":     WithMaxConcurrency(0),
		"WithCAFile":             WithCAFile("/nowhere"),
		"WithCAPEM":              WithCAPEM(nil),
		"WithProxy":              WithProxy("socks5://proxy.example"),
		"WithName":               WithName("two\nlines"),
		"WithCredentialProvider": WithCredentialProvider(nil),
	} {
		client, err := NewClient(FromEnv(), option)
		if client != nil || !errors.Is(err, ErrInvalidArgument) || !strings.HasPrefix(err.Error(), name+" ") {
			t.Error(name, err)
		}
	}
	for name, option := range map[string]CallOption{
		"WithCallTimeout": WithCallTimeout(0),
		"ForSite":         ForSite(""),
		"ForAccount":      ForAccount("not\xffUTF-8"),
	} {
		_, err := newClient(t).GetBalance(background, option)
		if !errors.Is(err, ErrInvalidArgument) || !strings.HasPrefix(err.Error(), name+" ") {
			t.Error(name, err)
		}
	}
}

func TestACallMayHaveItsOwnScope(t *testing.T) {
	server := answering(t, answer("{}"))
	client := server.Client(t, WithAuthorization("Bearer canary-token"))
	for number, each := range []struct {
		option CallOption
		scope  Scope
	}{
		{ForAccount("a-1"), Scope{AccountID: "a-1"}},
		{ForSite("s-1"), Scope{SiteID: "s-1"}},
		{ForAccountAndSite("a-1", "s-1"), Scope{"a-1", "s-1"}},
		{ForCredential(), Scope{}},
	} {
		balance, err := client.GetBalance(background, each.option)
		if err != nil {
			t.Fatal(err)
		}
		request := journal(t, server)[number]
		if scope, _ := balance.Scope(); scope != each.scope || (Scope{request.Account, request.Site}) != each.scope {
			t.Errorf("%v %+v", scope, request)
		}
	}
}

func TestTheZeroClientReturnsAnError(t *testing.T) {
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

// A caller may change the scope of an error.
func TestAnErrorHasACopyOfTheScope(t *testing.T) {
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

func TestAHandlerMayPanicExitAndClose(t *testing.T) {
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

func TestCloseLogsNothing(t *testing.T) {
	defer SetLogger(nil)
	var out bytes.Buffer
	SetLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	newClient(t).Close()
	if out.Len() != 0 {
		t.Error(out.String())
	}
}

// A large balance takes as many cgo calls as an empty one: one for the call, and one for the breakdown.
func TestTwoCgoCallsReadAWholeBalance(t *testing.T) {
	large := make([]aicreditstest.Allocation, 1000)
	for i := range large {
		rule := aicreditstest.Rule{Period: PeriodMonth, Balance: 850, Cap: 1000, ResetDate: july}
		large[i] = aicreditstest.Allocation{Allocation: strconv.Itoa(i), Subscription: "s", Rules: slices.Repeat([]aicreditstest.Rule{rule}, 10)}
	}
	crossings := func(allocations []aicreditstest.Allocation, rules int) int64 {
		client := withAllocations(t, allocations...).Client(t)
		least := int64(1000)
		for range 10 {
			before := runtime.NumCgoCall()
			balance, err := client.GetBalance(background)
			if err != nil || len(rulesOf(balance)) != rules {
				t.Fatal(err)
			}
			least = min(least, runtime.NumCgoCall()-before)
		}
		return least
	}
	// Freeing what earlier tests read is a crossing too.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	if one, many := crossings(nil, 0), crossings(large, 10000); one != many || one > 2 {
		t.Error(one, many)
	}
}

// A blocked native call holds a thread, and Go ends the process at 10,000 threads. Calls in the queue must hold none.
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
	// The emulator has a thread for each connection.
	if threads := entries(t, "/proc/self/task") - connections(t, os.Getenv("AICREDITS_BASE_URL")); threads > 200 {
		t.Error(threads, "threads")
	}
}

func TestAnUnreachableClientIsFreed(t *testing.T) {
	type service struct{ client *Client }
	for _, leadsBack := range []bool{false, true} {
		server := answering(t, answer("{}"))
		func() {
			settings, forgotten := server.ClientOptions(), &service{}
			if leadsBack {
				settings = append(settings, WithCredentialProvider(func(context.Context) (string, error) {
					return fmt.Sprint("Bearer ", forgotten.client.Timeout()), nil
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
		if requests(t, server) != 1 {
			t.Error("there was no connection")
		}
		eventually(t, "its connection ends", func() bool {
			runtime.GC()
			return connections(t, server.URL()) == 0
		})
	}
}

// The garbage collector runs all the time during calls, providers and cancellations.
func TestCallsDuringGarbageCollection(t *testing.T) {
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
				client, err := NewClient(FromEnv(), WithCredentialProvider(func(context.Context) (string, error) { return key, nil }))
				if err != nil {
					t.Error(err)
					return
				}
				ctx, cancel := context.WithCancel(background)
				if balance, err := client.GetBalance(ctx); err != nil || rulesOf(balance)[0].String() != "MONTH: 850 of 1000, resets 2026-07-01T00:00:00Z" {
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
