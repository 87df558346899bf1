//go:build cgo && linux

package aicredits_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// Go ends the process at 10,000 threads, or here at 500. So this test runs in a child process.
func TestManyClientsOnAMuteServerKeepToTheThreadLimit(t *testing.T) {
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
	server := aicreditstest.New(t, aicreditstest.WithFault(aicreditstest.Fault{Times: aicreditstest.UntilCleared, Connect: aicreditstest.ConnectMute}))
	var group sync.WaitGroup
	kinds := make(chan Kind, 640)
	clients := []*Client{}
	for range 10 {
		client := server.Client(t, WithMaxRetries(0))
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
	eventually(t, "every permit is taken", func() bool { return len(NativeCalls) == cap(NativeCalls) })
	_, err := server.Client(t).GetBalance(background, WithCallTimeout(30*time.Millisecond))
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
	if len(NativeCalls) != 0 {
		t.Error(len(NativeCalls), "permits are still held")
	}
	t.Log("640 calls ended")
}

// All permits are held by calls that wait for their providers. A call that a provider makes must still run.
func TestACallWithinAProviderTakesNoPermit(t *testing.T) {
	server := answering(t, answer("{}"))
	for name, nested := range map[string]func(ctx context.Context) context.Context{
		"its context": func(ctx context.Context) context.Context { return ctx },
		"another":     func(context.Context) context.Context { return background },
	} {
		inner := server.Client(t, WithMaxConcurrency(1))
		all := make(chan struct{})
		var asked sync.WaitGroup
		asked.Add(cap(NativeCalls))
		outer := server.Client(t, WithMaxConcurrency(uint32(cap(NativeCalls))),
			WithCredentialProvider(func(ctx context.Context) (string, error) {
				asked.Done()
				<-all // Every permit is taken.
				_, err := inner.GetBalance(nested(ctx))
				return "token", err
			}))
		failures := make(chan error, cap(NativeCalls))
		for range cap(NativeCalls) {
			go func() { _, err := outer.GetBalance(background); failures <- err }()
		}
		asked.Wait()
		close(all)
		for range cap(NativeCalls) {
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
		RunOnGoroutine(func() (string, error) {
			deep(depth, func() { found <- IsWithinProvider(background) })
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
	if (namesake{}).answerWith(func() bool { return IsWithinProvider(background) }) {
		t.Error("it is no provider")
	}
}

// The call waits for a permit of its client first, and then much shorter for one of the process.
func TestTheQueueOfTheLongerWaitIsReported(t *testing.T) {
	server := answering(t, silent)
	client := server.Client(t, WithMaxConcurrency(1))
	client.Permits() <- struct{}{}
	for range cap(NativeCalls) {
		NativeCalls <- struct{}{}
	}
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(background, WithCallTimeout(time.Second)); failed <- err }()
	time.AfterFunc(300*time.Millisecond, func() { <-client.Permits() })
	time.AfterFunc(350*time.Millisecond, func() { <-NativeCalls })
	err := await(t, "the call's end", failed)
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "waiting for one of 1 places (WithMaxConcurrency)") {
		t.Error(err)
	}
	awaitRequests(t, server, 1)
	for range cap(NativeCalls) - 1 {
		<-NativeCalls
	}
}

// The error of a call that waited reports its whole timeout and the time in the queue.
func TestACallFromTheQueueReportsItsWholeTimeout(t *testing.T) {
	server := answering(t, silent)
	client := server.Client(t, WithMaxConcurrency(1))
	first, cancel := context.WithCancel(background)
	go client.GetBalance(first)
	awaitRequests(t, server, 1)
	failed := make(chan error, 1)
	go func() { _, err := client.GetBalance(background, WithCallTimeout(700*time.Millisecond)); failed <- err }()
	time.AfterFunc(200*time.Millisecond, cancel)
	err := await(t, "the call's end", failed)
	if !errors.Is(err, ErrTimeout) || !strings.HasPrefix(err.Error(), "timed out after 700 ms, ") ||
		!strings.Contains(err.Error(), "waiting for one of 1 places (WithMaxConcurrency)") {
		t.Error(err)
	}
	awaitRequests(t, server, 2) // The call that waited.
	// All calls that time out in the queue report the same.
	go client.GetBalance(background)
	awaitRequests(t, server, 3)
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
