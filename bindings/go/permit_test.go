//go:build cgo && linux

package aicredits

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

// mute accepts connections and never answers.
func mute(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return "http://" + listener.Addr().String()
}

// Go ends the process at 10,000 threads, or here at 500. So this test runs in a child process.
func TestManyClientsOnAMuteServerKeepToTheThreadLimit(t *testing.T) {
	needsEmulator(t)
	const inside = "AICREDITS_TEST_THREADS"
	if os.Getenv(inside) == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		child.Env = append(os.Environ(), inside+"=1")
		if output, err := child.CombinedOutput(); err != nil || !strings.Contains(string(output), "640 calls ended") {
			t.Fatal(err, string(output[:min(len(output), 2000)]))
		}
		return
	}
	debug.SetMaxThreads(500)
	url := mute(t)
	var group sync.WaitGroup
	kinds := make(chan Kind, 640)
	clients := []*Client{}
	for range 10 {
		client := newClient(t, WithBaseURL(url), WithMaxRetries(0))
		clients = append(clients, client)
		for range 64 {
			group.Add(1)
			go func() {
				defer group.Done()
				_, err := client.GetBalance(background)
				kinds <- KindOf(err)
			}()
		}
	}
	eventually(t, "every permit is taken", func() bool { return len(nativeCalls) == cap(nativeCalls) })
	_, err := newClient(t, WithBaseURL(url)).GetBalance(background, WithCallTimeout(30*time.Millisecond))
	if !errors.Is(err, ErrTimeout) || !Retryable(err) || !strings.Contains(err.Error(), "timed out after 30 ms, all of it waiting for one of the 256 calls that a process makes at once") {
		t.Error(err)
	}
	for _, client := range clients {
		client.Close()
	}
	group.Wait()
	for range 640 {
		if kind := <-kinds; kind != KindClosed {
			t.Error(kind)
		}
	}
	if len(nativeCalls) != 0 {
		t.Error(len(nativeCalls), "permits are still held")
	}
	t.Log("640 calls ended")
}

// All permits are held by calls that wait for their providers. A call that a provider makes must still run.
func TestACallWithinAProviderTakesNoPermit(t *testing.T) {
	server := serve(t, always(ok("{}")))
	for name, nested := range map[string]func(ctx context.Context) context.Context{
		"its context": func(ctx context.Context) context.Context { return ctx },
		"another":     func(context.Context) context.Context { return background },
	} {
		inner := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
		all := make(chan struct{})
		var asked sync.WaitGroup
		asked.Add(cap(nativeCalls))
		outer := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(uint32(cap(nativeCalls))),
			WithCredentialProvider(func(ctx context.Context) (string, error) {
				asked.Done()
				<-all // Every permit is taken.
				_, err := inner.GetBalance(nested(ctx))
				return "token", err
			}))
		failures := make(chan error, cap(nativeCalls))
		for range cap(nativeCalls) {
			go func() { _, err := outer.GetBalance(background); failures <- err }()
		}
		asked.Wait()
		close(all)
		for range cap(nativeCalls) {
			if err := await(t, "the call's end", failures); err != nil {
				t.Error(name, err)
			}
		}
	}
}

// A provider may be deep in its own functions when it makes a call.
func TestACallOfADeepProviderIsRecognized(t *testing.T) {
	for _, depth := range []int{0, 100, 300, 1000} {
		found := make(chan bool, 1)
		runOnGoroutine(func() (string, error) {
			deep(depth, func() { found <- isWithinProvider(background) })
			return "", nil
		})
		if !await(t, "the provider", found) {
			t.Error(depth)
		}
	}
}

func deep(depth int, run func()) {
	if depth == 0 {
		run()
		return
	}
	deep(depth-1, run)
}

type namesake struct{}

func (namesake) answerWith(run func() bool) bool { return run() }

func TestAFunctionOfTheSameNameIsNoProvider(t *testing.T) {
	if (namesake{}).answerWith(func() bool { return isWithinProvider(background) }) {
		t.Error("it is no provider")
	}
}

// The call waits for a permit of its client first, and then much shorter for one of the process.
func TestTheQueueOfTheLongerWaitIsReported(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
	client.permits <- struct{}{}
	for range cap(nativeCalls) {
		nativeCalls <- struct{}{}
	}
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(background, WithCallTimeout(time.Second)); failed <- err }()
	time.AfterFunc(300*time.Millisecond, func() { <-client.permits })
	time.AfterFunc(350*time.Millisecond, func() { <-nativeCalls })
	err := await(t, "the call's end", failed)
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "waiting for one of 1 places (WithMaxConcurrency)") {
		t.Error(err)
	}
	await(t, "the request", server.requests)
	for range cap(nativeCalls) - 1 {
		<-nativeCalls
	}
}

// The error of a call that waited reports its whole timeout and the time in the queue.
func TestACallFromTheQueueReportsItsWholeTimeout(t *testing.T) {
	server := serve(t, always("HTTP/1.1 "))
	client := newClient(t, WithBaseURL(server.url), WithMaxConcurrency(1))
	first, cancel := context.WithCancel(background)
	go client.GetBalance(first)
	await(t, "the request", server.requests)
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(background, WithCallTimeout(700*time.Millisecond)); failed <- err }()
	time.AfterFunc(200*time.Millisecond, cancel)
	err := await(t, "the call's end", failed)
	if !errors.Is(err, ErrTimeout) || !strings.HasPrefix(err.Error(), "timed out after 700 ms, ") ||
		!strings.Contains(err.Error(), "waiting for one of 1 places (WithMaxConcurrency)") {
		t.Error(err)
	}
	await(t, "the request of the call that waited", server.requests)
	// All calls that time out in the queue report the same.
	go client.GetBalance(background)
	await(t, "the request", server.requests)
	texts, failures := map[string]bool{}, make(chan error, 40)
	for range cap(failures) {
		go func() {
			_, err := client.GetBalance(background, WithCallTimeout(200*time.Millisecond))
			failures <- err
		}()
	}
	for range cap(failures) {
		texts[await(t, "the call's end", failures).Error()] = true
	}
	if len(texts) != 1 {
		t.Error(texts)
	}
}
