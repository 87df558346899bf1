//go:build cgo && linux

package aicredits

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// getenv of C during os.Setenv crashed the process within a second.
func TestClientsAreMadeWhileTheEnvironmentChanges(t *testing.T) {
	needsEmulator(t)
	server := serve(t, always(ok(`{}`)))
	changeTheEnvironment(t)
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
}

// An HTTPS call reads no variable: NewClient has read SSL_CERT_FILE before.
func TestHTTPSCallsAreMadeWhileTheEnvironmentChanges(t *testing.T) {
	needsEmulator(t)
	url, authority := serveTLS(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, authority, 0o600); err != nil {
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
				client := newClient(t, WithProxyFromEnv(true), WithBaseURL(url))
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

// serveTLS starts an HTTPS server at an IP address. Its reply is a balance without credits. It returns the certificate
// authority too.
func serveTLS(t *testing.T) (url string, authority []byte) {
	t.Helper()
	sign := func(template, by *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		template.SerialNumber = big.NewInt(1)
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		if by == nil {
			by, signer = template, private
		}
		raw, err := x509.CreateCertificate(rand.Reader, template, by, &private.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(raw)
		if err != nil {
			t.Fatal(err)
		}
		return made, private
	}
	root, rootKey := sign(&x509.Certificate{Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}, nil, nil)
	leaf, leafKey := sign(&x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, root, rootKey)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) }))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: leafKey}}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw})
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

func TestAClientWithPerCallScopeNeedsTheScopeOfTheCall(t *testing.T) {
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
