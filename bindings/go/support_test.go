//go:build cgo && linux

package aicredits

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// patience is the limit of a wait. A wait that reaches it has failed.
const patience = 20 * time.Second

// TestMain starts the emulator, and sets the environment as a user would to reach it.
func TestMain(m *testing.M) {
	os.Exit(withEmulator(m))
}

func withEmulator(m *testing.M) int {
	folder := os.Getenv("AICREDITS_BIN")
	if folder == "" {
		// A user of the module has no emulator. Examples cannot be skipped by themselves.
		fmt.Fprintln(os.Stderr, "aicredits: AICREDITS_BIN is not set: "+noEmulator)
		flag.Parse()
		flag.Set("test.skip", "^Example")
		return m.Run()
	}
	emulator := exec.Command(filepath.Join(folder, "aicredits"), "emulator", "--with-stdin")
	input, err := emulator.StdinPipe()
	if err != nil {
		panic(err)
	}
	output, err := emulator.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := emulator.Start(); err != nil {
		panic(err)
	}
	// The emulator ends with its input.
	defer func() { input.Close(); emulator.Wait() }()
	lines := bufio.NewScanner(output)
	for said := 0; said < 3 && lines.Scan(); {
		name, value, found := strings.Cut(lines.Text(), "=")
		if found && (name == "WIX_API_KEY" || name == "WIX_ACCOUNT_ID" || name == "AICREDITS_BASE_URL") {
			os.Setenv(name, value)
			said++
		}
	}
	return m.Run()
}

const noEmulator = "what needs the emulator is skipped; run it by `cargo xtask test --only go` in the repository"

// needsEmulator skips a test outside of the repository.
func needsEmulator(t *testing.T) {
	t.Helper()
	if os.Getenv("AICREDITS_BIN") == "" {
		t.Skip(noEmulator)
	}
}

// script is a server with raw replies. It reports the requests and the ends of connections.
type script struct {
	url      string
	requests chan string
	// ended gets a value for each connection that the client ended.
	ended chan struct{}
}

// serve answers the n-th request, from 0, with reply(n), and keeps the connection.
func serve(t *testing.T, reply func(n int) string) *script {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := &script{"http://" + listener.Addr().String(), make(chan string, 10000), make(chan struct{}, 10000)}
	var number atomic.Int64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go s.talk(conn, func() string { return reply(int(number.Add(1) - 1)) })
		}
	}()
	return s
}

func (s *script) talk(conn net.Conn, reply func() string) {
	defer func() { conn.Close(); s.ended <- struct{}{} }()
	buffer, held := make([]byte, 16384), ""
	for {
		count, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if held += string(buffer[:count]); strings.HasSuffix(held, "\r\n\r\n{}") {
			s.requests <- held
			held = ""
			if _, err := conn.Write([]byte(reply())); err != nil {
				return
			}
		}
	}
}

func always(reply string) func(int) string {
	return func(int) string { return reply }
}

func ok(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
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

func newClient(t *testing.T, options ...Option) *Client {
	t.Helper()
	needsEmulator(t)
	client, err := NewClient(append([]Option{FromEnv()}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
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

// dropping is an address at which connecting hangs: its backlog is full.
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
