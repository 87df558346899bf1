//go:build cgo && linux

package aicredits

import (
	"errors"
	"os"
	"strconv"
	"sync"
	"testing"
)

// C's getenv beside os.Setenv ended the process within a second.
func TestClientsAreMadeWhileTheEnvironmentChanges(t *testing.T) {
	needsEmulator(t)
	server := serve(t, always(ok(`{}`)))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				// Names that are new make environ move.
				name := "AICREDITS_TEST_" + strconv.Itoa(i%2000)
				os.Setenv(name, strconv.Itoa(i))
				if i%2000 == 1999 {
					for each := range 2000 {
						os.Unsetenv("AICREDITS_TEST_" + strconv.Itoa(each))
					}
				}
			}
		}
	}()
	var making sync.WaitGroup
	for range 4 {
		making.Add(1)
		go func() {
			defer making.Done()
			for range 2000 {
				client, err := NewClient(FromEnv(), WithProxyFromEnv(true), WithBaseURL(server.url))
				if err != nil {
					t.Error(err)
					return
				}
				client.Close()
			}
		}()
	}
	making.Wait()
	if _, err := newClient(t, WithProxyFromEnv(true), WithBaseURL(server.url)).GetBalance(background); err != nil {
		t.Error(err)
	}
	close(stop)
	<-stopped
	for each := range 2000 {
		os.Unsetenv("AICREDITS_TEST_" + strconv.Itoa(each))
	}
}

func TestVariablesThatAreSetWithinTheProcessAreRead(t *testing.T) {
	needsEmulator(t)
	t.Setenv("WIX_API_KEY", "")
	if _, err := NewClient(FromEnv()); !errors.Is(err, ErrInvalidArgument) {
		t.Error("an empty variable is unset:", err)
	}
	t.Setenv("WIX_API_KEY", "IST.set-within")
	client, err := NewClient(FromEnv())
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestAClientWithoutAScopeAsksOnlyForWhatACallNames(t *testing.T) {
	server := serve(t, always(ok(`{}`)))
	client := newClient(t, WithPerCallScope(), WithBaseURL(server.url))
	if _, err := client.GetBalance(background); !errors.Is(err, ErrInvalidArgument) {
		t.Error("a call without a scope:", err)
	}
	select {
	case request := <-server.requests:
		t.Error("it was sent:", request)
	default:
	}
	if _, err := client.GetBalance(background, ForSite("77d2")); err != nil {
		t.Error(err)
	}
	client.Close()
	if _, err := client.GetBalance(background); !errors.Is(err, ErrClosed) {
		t.Error("after Close:", err)
	}
}
