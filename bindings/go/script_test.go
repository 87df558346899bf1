//go:build cgo && linux

package aicredits_test

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// script is a server with raw replies, for what the emulator does not do: a reply that stops in the middle while its
// connection stays open, and a reply that waits until the test lets it go. It reports the requests and the ends of
// connections.
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

// heldServer is a server whose replies wait until the test lets one go. Each is a balance with this many credits.
func heldServer(t *testing.T, credits int) (server *script, release chan<- struct{}) {
	t.Helper()
	body := fmt.Sprintf(`{"topUpCredits":{"balance":%d,"cap":1000}}`, credits)
	held := make(chan struct{}, 1000)
	t.Cleanup(func() { close(held) })
	return serve(t, func(int) string {
		<-held
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}), held
}
