package aicreditstest

import "encoding/json"

// Option is a setting of an emulator. [New] and [Start] check all of them before the emulator listens.
type Option func(*settings)

// settings are the options of the library.
type settings struct {
	Scenario     *Reset            `json:"-"`
	Host         string            `json:"host,omitempty"`
	Port         int               `json:"port,omitempty"`
	TLS          bool              `json:"tls,omitempty"`
	Clock        *ClockChange      `json:"clock,omitempty"`
	Assumptions  map[string]string `json:"assumptions,omitempty"`
	Faults       []Fault           `json:"faults,omitempty"`
	ControlToken string            `json:"control_token,omitempty"`
}

// WithScenario selects a scenario of the emulator by its name, such as "free-plan". Default: "example", the example of the
// API's page. It replaces an earlier scenario.
func WithScenario(name string) Option {
	return func(settings *settings) { settings.Scenario = &Reset{Name: name} }
}

// WithScenarioJSON sets the content of a scenario file. It replaces an earlier scenario.
func WithScenarioJSON(scenario []byte) Option {
	return func(settings *settings) { settings.Scenario = &Reset{JSON: scenario} }
}

// WithState sets a scenario as a value. It replaces an earlier scenario.
func WithState(state *State) Option {
	return func(settings *settings) { settings.Scenario = &Reset{State: state} }
}

// WithTLS serves HTTPS, with a certificate authority of the emulator's own: see [Emulator.CAPEM].
func WithTLS() Option {
	return func(settings *settings) { settings.TLS = true }
}

// WithHost sets the address to listen on, or a name of one. Default: 127.0.0.1. On an address that is not loopback, control
// requests over HTTP need [WithControlToken].
func WithHost(host string) Option {
	return func(settings *settings) { settings.Host = host }
}

// WithPort sets the port. Default: a free one.
func WithPort(port int) Option {
	return func(settings *settings) { settings.Port = port }
}

// WithClock changes the scenario's clock, by any of Now, Mode and Speed. It replaces an earlier change.
func WithClock(change ClockChange) Option {
	return func(settings *settings) { settings.Clock = &change }
}

// WithAssumption sets a choice where the API is not documented, such as "no_scope" to "401".
func WithAssumption(name, value string) Option {
	return func(settings *settings) {
		if settings.Assumptions == nil {
			settings.Assumptions = map[string]string{}
		}
		settings.Assumptions[name] = value
	}
}

// WithFault adds a fault after those of the scenario and of earlier options.
func WithFault(fault Fault) Option {
	return func(settings *settings) { settings.Faults = append(settings.Faults, fault) }
}

// WithControlToken sets a token that control requests over HTTP need, on every address, in the header
// "Authorization: Bearer …". Without it there are none on an address that is not loopback.
func WithControlToken(token string) Option {
	return func(settings *settings) { settings.ControlToken = token }
}

// json returns the options as the library reads them.
func (s *settings) json() ([]byte, error) {
	type plain settings
	var scenario json.RawMessage
	if s.Scenario != nil {
		var err error
		if scenario, err = s.Scenario.choice(); err != nil {
			return nil, err
		}
	}
	written, err := json.Marshal(struct {
		*plain
		Scenario json.RawMessage `json:"scenario,omitempty"`
	}{(*plain)(s), scenario})
	if err != nil {
		return nil, unwritable(err)
	}
	return written, nil
}

// choice is the scenario in a request; nil for the one that the emulator started with.
func (r Reset) choice() (json.RawMessage, error) {
	given := 0
	for _, has := range []bool{r.Name != "", r.State != nil, r.JSON != nil} {
		if has {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, &Error{Status: 400, Code: codeInvalid, Message: "set one of Name, State and JSON", Pointer: "/scenario"}
	case r.JSON != nil && !json.Valid(r.JSON):
		return nil, &Error{Status: 400, Code: codeInvalid, Message: "the scenario is no JSON", Pointer: "/scenario"}
	case r.JSON != nil:
		return r.JSON, nil
	case r.State != nil:
		written, err := r.State.sent()
		if err != nil {
			return nil, unwritable(err)
		}
		return written, nil
	case r.Name != "":
		written, _ := json.Marshal(r.Name)
		return written, nil
	}
	return nil, nil
}

// unwritable is the error of a request with a value that JSON does not have, such as a year after 9999.
func unwritable(err error) *Error {
	return &Error{Status: 400, Code: codeInvalid, Message: err.Error()}
}
