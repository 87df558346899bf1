//go:build cgo && linux

package aicredits_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	. "aicredits.example/aicredits"
	"aicredits.example/aicredits/aicreditstest"
)

// getenv of C during os.Setenv crashed the process within a second.
func TestClientsAreMadeWhileTheEnvironmentChanges(t *testing.T) {
	server := answering(t, answer("{}"))
	changeTheEnvironment(t)
	var making sync.WaitGroup
	for range 4 {
		making.Add(1)
		go func() {
			defer making.Done()
			for range 2000 {
				client, err := NewClient(FromEnv(), WithProxyFromEnv(true), WithBaseURL(server.URL()))
				if err != nil {
					t.Error(err)
					return
				}
				client.Close()
			}
		}()
	}
	making.Wait()
	if _, err := newClient(t, WithProxyFromEnv(true), WithBaseURL(server.URL())).GetBalance(background); err != nil {
		t.Error(err)
	}
}

// An HTTPS call reads no variable: NewClient has read SSL_CERT_FILE before.
func TestHTTPSCallsAreMadeWhileTheEnvironmentChanges(t *testing.T) {
	server := aicreditstest.New(t, aicreditstest.WithTLS())
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(server.CAPEM()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	t.Setenv("SSL_CERT_DIR", "")
	t.Setenv("https_proxy", "http://127.0.0.1:1") // Loopback hosts get none.
	changeTheEnvironment(t)
	var calling sync.WaitGroup
	for range 4 {
		calling.Add(1)
		go func() {
			defer calling.Done()
			for range 100 {
				client := newClient(t, WithProxyFromEnv(true), WithBaseURL(server.URL()))
				for range 2 {
					if _, err := client.GetBalance(background); err != nil {
						t.Error(err)
						return
					}
				}
				client.Close()
			}
		}()
	}
	calling.Wait()
}

// changeTheEnvironment changes the environment until the test ends.
func changeTheEnvironment(t *testing.T) {
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
	t.Cleanup(func() {
		close(stop)
		<-stopped
		for each := range 2000 {
			os.Unsetenv("AICREDITS_TEST_" + strconv.Itoa(each))
		}
	})
}

func TestFromEnvReadsVariablesThatTheProcessHasSet(t *testing.T) {
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

func TestAClientWithPerCallScopeNeedsTheScopeOfTheCall(t *testing.T) {
	server := answering(t, answer("{}"))
	client := server.Client(t, WithPerCallScope())
	if _, err := client.GetBalance(background); !errors.Is(err, ErrInvalidArgument) {
		t.Error("a call without a scope:", err)
	}
	if sent := journal(t, server); len(sent) != 0 {
		t.Errorf("it was sent: %+v", sent)
	}
	if _, err := client.GetBalance(background, ForSite("77d2")); err != nil {
		t.Error(err)
	}
	client.Close()
	if _, err := client.GetBalance(background); !errors.Is(err, ErrClosed) {
		t.Error("after Close:", err)
	}
}
