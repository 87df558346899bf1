//go:build cgo && linux

package aicredits_test

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// patience is the limit of a wait. A wait that reaches it has failed.
const patience = 20 * time.Second

// TestMain starts an emulator for all tests, and sets the environment as a user would to reach it.
func TestMain(m *testing.M) {
	os.Exit(withEmulator(m))
}

func withEmulator(m *testing.M) int {
	emulator, err := aicreditstest.Start()
	if err != nil {
		panic(err)
	}
	defer emulator.Close()
	os.Setenv("WIX_API_KEY", emulator.APIKey())
	os.Setenv("WIX_ACCOUNT_ID", emulator.AccountID())
	os.Setenv("AICREDITS_BASE_URL", emulator.URL())
	return m.Run()
}

// newClient is a client of the emulator for all tests.
func newClient(t *testing.T, options ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{FromEnv()}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

// answering is an emulator that answers each request like this.
func answering(t *testing.T, reply aicreditstest.FaultReply) *aicreditstest.Emulator {
	t.Helper()
	return aicreditstest.New(t, aicreditstest.WithFault(aicreditstest.Fault{Times: aicreditstest.UntilCleared, Reply: &reply}))
}

// answer is a reply with this body.
func answer(body string) aicreditstest.FaultReply {
	return aicreditstest.FaultReply{Status: 200, Body: &body}
}

// silent is a reply that does not come while the test runs.
var silent = aicreditstest.FaultReply{Delay: 10 * time.Minute}

// unavailable is an outage.
var unavailable = aicreditstest.FaultReply{Status: 503, Shape: aicreditstest.ShapeEmpty}

// withCredits is an emulator whose account has this many credits.
func withCredits(t *testing.T, credits int64) *aicreditstest.Emulator {
	t.Helper()
	return withAllocations(t, aicreditstest.Allocation{
		Allocation: "top-up", Rules: []aicreditstest.Rule{{Period: PeriodNoPeriod, Balance: credits, Cap: credits}}})
}

// withAllocations is an emulator whose account has these credits and no others.
func withAllocations(t *testing.T, allocations ...aicreditstest.Allocation) *aicreditstest.Emulator {
	t.Helper()
	state, err := aicreditstest.New(t).State()
	if err != nil {
		t.Fatal(err)
	}
	state.Accounts[0].Allocations = allocations
	return aicreditstest.New(t, aicreditstest.WithState(state))
}

// requests is the number of requests so far.
func requests(t *testing.T, emulator *aicreditstest.Emulator) int {
	t.Helper()
	return len(journal(t, emulator))
}

// journal is the list of requests so far.
func journal(t *testing.T, emulator *aicreditstest.Emulator) []aicreditstest.Entry {
	t.Helper()
	journal, err := emulator.Journal(aicreditstest.JournalQuery{})
	if err != nil {
		t.Fatal(err)
	}
	return journal.Requests
}

// awaitRequests waits until so many requests have come in all.
func awaitRequests(t *testing.T, emulator *aicreditstest.Emulator, count int) {
	t.Helper()
	waited, err := emulator.Wait(background, aicreditstest.Wait{Requests: count, Timeout: patience})
	if err != nil || !waited.Reached {
		t.Fatal(waited, err)
	}
}

// connections is the number of connections from this process to a server.
func connections(t *testing.T, server string) (count int) {
	t.Helper()
	address, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("/proc/self/net/tcp")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		// sl local_address rem_address st …; 01 is an established connection.
		if fields := strings.Fields(line); len(fields) > 3 && strings.HasSuffix(fields[2], fmt.Sprintf(":%04X", port)) && fields[3] == "01" {
			count++
		}
	}
	return count
}

func await[T any](t *testing.T, what string, values <-chan T) T {
	t.Helper()
	select {
	case value := <-values:
		return value
	case <-time.After(patience):
		t.Fatalf("%s: it never came", what)
		panic("unreachable")
	}
}

// eventually waits until the condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for begun := time.Now(); !holds(); runtime.Gosched() {
		if time.Since(begun) > patience {
			t.Fatalf("never: %s", what)
		}
	}
}

func entries(t *testing.T, folder string) int {
	t.Helper()
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// dropping is an address at which connecting hangs: its backlog is full. The emulator accepts every connection.
type dropping struct {
	url   string
	close func()
}

func backlogFull(t *testing.T) dropping {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := listener.(*net.TCPListener).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	if err := raw.Control(func(fd uintptr) { err = syscall.Listen(int(fd), 0) }); err != nil {
		t.Fatal(err)
	}
	// The first ones are connected, and the next hangs.
	var conns []net.Conn
	eventually(t, "the backlog is full", func() bool {
		conn, err := net.DialTimeout("tcp", listener.Addr().String(), 300*time.Millisecond)
		if err == nil {
			conns = append(conns, conn)
		}
		return err != nil
	})
	return dropping{"http://" + listener.Addr().String(), func() {
		for _, conn := range conns {
			conn.Close()
		}
		listener.Close()
	}}
}
