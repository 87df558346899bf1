//go:build cgo && linux

package aicreditstest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"aicredits.example/aicredits"
)

func TestOptionsReachTheEmulator(t *testing.T) {
	t.Parallel()
	e := New(t, nil, WithScenario("free-plan"), WithHost("localhost"), WithClock(ClockChange{Now: june.Add(time.Hour)}),
		WithAssumption("no_access", "404"), WithAssumption("id_case", "folded"),
		WithFault(Fault{Reply: &FaultReply{Status: 500}}), WithFault(Fault{Times: 2, Connect: ConnectClose}))
	state := must[State](t)(e.State())
	if !state.Clock.Now.Equal(june.Add(time.Hour)) || state.Assumptions["no_access"] != "404" || state.Assumptions["id_case"] != "folded" {
		t.Errorf("%+v", state)
	}
	if len(state.Faults) != 2 || state.Faults[0].Reply.Status != 500 || state.Faults[1].Times != 2 || len(state.Accounts[0].Allocations[0].Rules) != 2 {
		t.Errorf("%+v", state)
	}
	_, raw := e.Control("state", nil)
	for name, option := range map[string]Option{"state": WithState(state), "JSON": WithScenarioJSON(raw)} {
		again := must[State](t)(New(t, option).State())
		if len(again.Faults) != 2 || again.Assumptions["no_access"] != "404" || again.URL == state.URL || again.Keys[0].Secret != state.Keys[0].Secret {
			t.Errorf("%s: %+v", name, again)
		}
	}
}

func TestAWrongOptionIsRefused(t *testing.T) {
	t.Parallel()
	for _, each := range []struct {
		option Option
		status int
	}{
		{WithScenario("no-such-one"), 404}, {WithScenarioJSON([]byte("{}")), 400}, {WithPort(70000), 400}, {WithPort(-1), 400},
		{WithAssumption("no_such", "1"), 400}, {WithAssumption("no_access", "500"), 400}, {WithFault(Fault{Reply: &FaultReply{Status: 7}}), 400},
		{WithClock(ClockChange{Speed: -1}), 400}, {WithHost("host.invalid"), 500}, {WithClock(ClockChange{Now: time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)}), 400},
	} {
		e, err := Start(each.option)
		var failure *Error
		if e != nil || !errors.As(err, &failure) || failure.Status != each.status || failure.Code == "" || failure.Message == "" {
			t.Errorf("%#v", err)
		}
	}
}

func TestAPortInUseIsAnError(t *testing.T) {
	t.Parallel()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(New(t).URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	number, _ := strconv.Atoi(port)
	_, err = Start(WithPort(number))
	var failure *Error
	if !errors.As(err, &failure) || failure.Status != 500 {
		t.Error(err)
	}
}

// On an address that is not loopback the control path needs the token.
func TestTheControlTokenIsNeededOutsideOfLoopback(t *testing.T) {
	t.Parallel()
	const token = "canary-token-of-the-control"
	e := New(t, WithHost("0.0.0.0"), WithControlToken(token))
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(e.URL(), "http://"))
	for authorization, want := range map[string]int{"": 404, "Bearer wrong": 404, "Bearer " + token: 200} {
		request, _ := http.NewRequest("GET", "http://127.0.0.1:"+port+"/_emulator/state", nil)
		request.Header.Set("Authorization", authorization)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if isOpen := response.StatusCode == 200; isOpen != (want == 200) {
			t.Error(authorization, response.Status)
		}
	}
	if text := shown(t, e); strings.Contains(text, "canary") {
		t.Error(text)
	}
}

func TestAClientTrustsTheAuthorityOfTheEmulator(t *testing.T) {
	t.Parallel()
	e := New(t, WithTLS())
	if !strings.HasPrefix(e.URL(), "https://127.0.0.1:") || !strings.HasPrefix(e.CAPEM(), "-----BEGIN CERTIFICATE-----") {
		t.Error(e.URL(), e.CAPEM())
	}
	if credits := spendable(t, e.Client(t)); credits != 1050 {
		t.Error(credits)
	}
	// Another emulator has another authority.
	other := New(t, WithTLS())
	if _, kind := read(e.Client(t, aicredits.WithCAPEM([]byte(other.CAPEM())), aicredits.WithMaxRetries(0))); kind != aicredits.KindTLS {
		t.Error(kind)
	}
	if state := must[State](t)(e.State()); state.CAPEM != e.CAPEM() {
		t.Error("the state has another certificate")
	}
	// The client of Go's standard library verifies the certificate as well.
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(e.CAPEM())) {
		t.Fatal(e.CAPEM())
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	for _, host := range []string{"127.0.0.1", "localhost"} {
		url := strings.Replace(e.URL(), "127.0.0.1", host, 1)
		response, err := (&http.Client{Transport: transport}).Get(url + "/_emulator/state")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 200 {
			t.Error(response.Status)
		}
	}
}
