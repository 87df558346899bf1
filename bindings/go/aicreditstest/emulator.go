package aicreditstest

import (
	"context"
	"log/slog"
	"runtime"
	"testing"

	"aicredits.example/aicredits"
)

// PaidActionPath is the path of the paid action: POST {"cost":5} with the headers of a balance request. The reply is 200, or
// Wix's 428 if the credits do not suffice.
const PaidActionPath = "/_emulator/paid-action"

// Emulator is a running emulator: an HTTP server in this process. It is thread-safe. Only these methods block:
//   - [Emulator.Wait] and [Emulator.Close]
//   - [Emulator.Journal], [Emulator.Verdict] and [Emulator.AssertGoodClient], until no reply is leaving, at most for 1 s
type Emulator struct {
	_      noCopy
	native *native
	fixed  *fixed
}

// fixed are the values that do not change. They are behind a pointer, so that fmt does not show the keys.
type fixed struct {
	url, apiKey, siteKey, accountID, siteID, caPEM string
}

// noCopy makes go vet report copies.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// New starts an emulator for a test, and closes it when the test ends. If it cannot start, the test fails at once.
//
// Each emulator has its own port and its own state, so tests with t.Parallel do not disturb each other.
func New(t testing.TB, options ...Option) *Emulator {
	t.Helper()
	emulator, err := Start(options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { emulator.Close() })
	return emulator
}

// Start starts an emulator without a test. Close it after use. The error is an [*Error].
func Start(options ...Option) (*Emulator, error) {
	var chosen settings
	for _, option := range options {
		if option != nil {
			option(&chosen)
		}
	}
	request, err := chosen.json()
	if err != nil {
		return nil, err
	}
	return start(request)
}

// start starts an emulator with the options in JSON.
func start(options []byte) (*Emulator, error) {
	started, err := startNative(options)
	if err != nil {
		return nil, err
	}
	emulator := &Emulator{native: started, fixed: &fixed{
		url: started.setting("url"), apiKey: started.setting("api_key"), siteKey: started.setting("site_key"),
		accountID: started.setting("account_id"), siteID: started.setting("site_id"), caPEM: started.setting("ca_pem"),
	}}
	// A cleanup must not block, and close waits for the server's threads.
	runtime.AddCleanup(emulator, func(native *native) { go native.close() }, started)
	return emulator, nil
}

// Close stops the server, ends its connections and frees it. It waits for its threads and for actions in flight; a Wait in
// flight ends. Later actions fail with the code "closed". You may call Close again. It always returns nil: the result makes
// Emulator an io.Closer.
func (e *Emulator) Close() error {
	e.native.close()
	return nil
}

// URL is the base URL, such as "http://127.0.0.1:41234".
func (e *Emulator) URL() string { return e.fixed.url }

// APIKey is the first key with account-level access at the start; empty if there was none.
func (e *Emulator) APIKey() string { return e.fixed.apiKey }

// SiteKey is the first key with site-level access alone; empty if there was none.
func (e *Emulator) SiteKey() string { return e.fixed.siteKey }

// AccountID is the first account at the start; empty if there was none.
func (e *Emulator) AccountID() string { return e.fixed.accountID }

// SiteID is the first site of the first account; empty if there was none.
func (e *Emulator) SiteID() string { return e.fixed.siteID }

// CAPEM is the certificate authority of the emulator; empty without [WithTLS].
func (e *Emulator) CAPEM() string { return e.fixed.caPEM }

// String is the name of the type and the URL. It has no key.
func (e *Emulator) String() string { return "aicreditstest.Emulator(" + e.URL() + ")" }

// GoString is String.
func (e *Emulator) GoString() string { return e.String() }

// LogValue is String.
func (e *Emulator) LogValue() slog.Value { return slog.StringValue(e.String()) }

// ClientOptions are the settings of a client for this emulator: its URL, APIKey, AccountID and certificate authority. Later
// options replace them.
func (e *Emulator) ClientOptions() []aicredits.Option {
	options := []aicredits.Option{aicredits.WithBaseURL(e.URL())}
	if e.APIKey() != "" {
		options = append(options, aicredits.WithAPIKey(e.APIKey()))
	}
	if e.AccountID() != "" {
		options = append(options, aicredits.WithAccount(e.AccountID()))
	}
	if e.CAPEM() != "" {
		options = append(options, aicredits.WithCAPEM([]byte(e.CAPEM())))
	}
	return options
}

// Client makes a client for this emulator, and closes it when the test ends. The options come after
// [Emulator.ClientOptions].
func (e *Emulator) Client(t testing.TB, options ...aicredits.Option) *aicredits.Client {
	t.Helper()
	client, err := aicredits.NewClient(append(e.ClientOptions(), options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// Balance returns a balance for a unit test: the reading of the first account of an emulator with these options. It has a
// scope, a request id and times. To make a balance from the text of a reply, use [aicredits.FromJSON].
//
//	balance := aicreditstest.Balance(t, aicreditstest.WithScenario("free-plan"))
func Balance(t testing.TB, options ...Option) *aicredits.Balance {
	t.Helper()
	emulator, err := Start(options...)
	if err != nil {
		t.Fatal(err)
	}
	defer emulator.Close()
	client, err := aicredits.NewClient(emulator.ClientOptions()...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	balance, err := client.GetBalance(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return balance
}

// AssertGoodClient fails the test if the rules of the verdict that are always on found something in the requests so far. The
// test then has the text of the verdict. Put a [Emulator.Mark] between two calls that the test makes on purpose.
func (e *Emulator) AssertGoodClient(t testing.TB) {
	t.Helper()
	e.AssertGoodClientBy(t, VerdictQuery{})
}

// AssertGoodClientBy is [Emulator.AssertGoodClient] with other rules.
func (e *Emulator) AssertGoodClientBy(t testing.TB, query VerdictQuery) {
	t.Helper()
	request, err := written(query)
	if err != nil {
		t.Fatal(err)
	}
	if findings, text := e.native.verdict(request); findings != 0 {
		t.Error(text)
	}
	runtime.KeepAlive(e)
}
