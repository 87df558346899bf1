package aicreditstest

import (
	"encoding/json"
	"time"
)

// UntilCleared is the number of times of a fault that happens until it is cleared.
const UntilCleared = -1

// Fault is a failure that happens to requests or to connections. Faults are tried in their order. The first one that
// matches a request happens to it, and counts down.
type Fault struct {
	// Fault is its name. Empty in a request: the emulator makes one.
	Fault string
	// Times is the number of requests that it happens to. 0: one request. [UntilCleared]: all.
	Times int
	// Match selects the requests. The zero value matches all requests of the API.
	Match FaultMatch
	// Reply is what a request gets instead of its reply. Either Reply or Connect.
	Reply *FaultReply
	// Connect is what happens to a new connection. Either Reply or Connect. Without TLS, a connection whose first request
	// is a control request is spared, and does not count.
	Connect Connect
	// Probability is the share of new connections that Connect happens to, 0 to 1. The others do not count. nil: 1. A
	// reply has its own.
	Probability *float64
	// Seed is the seed of chance, with Connect. nil: 0.
	Seed *uint64
}

type sentFault struct {
	Fault       string      `json:"fault,omitempty"`
	Times       *int        `json:"times"`
	Match       FaultMatch  `json:"match,omitzero"`
	Reply       *FaultReply `json:"reply,omitempty"`
	Connect     Connect     `json:"connect,omitempty"`
	Probability *float64    `json:"probability,omitempty"`
	Seed        *uint64     `json:"seed,omitempty"`
}

// MarshalJSON writes null for [UntilCleared].
func (f Fault) MarshalJSON() ([]byte, error) {
	sent := sentFault{f.Fault, &f.Times, f.Match, f.Reply, f.Connect, f.Probability, f.Seed}
	switch f.Times {
	case UntilCleared:
		sent.Times = nil
	case 0:
		sent.Times = Ptr(1)
	}
	return json.Marshal(sent)
}

// UnmarshalJSON reads null as [UntilCleared].
func (f *Fault) UnmarshalJSON(text []byte) error {
	read := sentFault{Times: Ptr(1)}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*f = Fault{read.Fault, UntilCleared, read.Match, read.Reply, read.Connect, read.Probability, read.Seed}
	if read.Times != nil {
		f.Times = *read.Times
	}
	return nil
}

// FaultMatch selects the requests that a fault happens to. An empty member matches every request.
type FaultMatch struct {
	// Route is the route.
	Route Route `json:"route,omitempty"`
	// Key is the name of the key.
	Key string `json:"key,omitempty"`
	// Account is the value of wix-account-id.
	Account string `json:"account,omitempty"`
	// Site is the value of wix-site-id.
	Site string `json:"site,omitempty"`
	// Skip is the number of matching requests that pass first.
	Skip int `json:"skip,omitempty"`
}

// FaultReply is a faulty reply. Without a status, the real reply is made, and then delayed, mangled and cut.
type FaultReply struct {
	// Status is the HTTP status, 100 to 599. With a status, the request has no effect. 0: the real reply.
	Status int `json:"status,omitempty"`
	// Headers are names and values that are added to the reply.
	Headers [][2]string `json:"headers,omitempty"`
	// Body is the body. Either Body or Shape.
	Body *string `json:"body,omitempty"`
	// Shape selects a body of a form that Wix has.
	Shape Shape `json:"shape,omitempty"`
	// RetryAfter is the header Retry-After, in whole seconds of the client. JSON: "retry_after_s".
	RetryAfter *time.Duration `json:"-"`
	// RetryAfterDate is the header Retry-After as a date, this long after the reply's Date. JSON: "retry_after_date_s".
	RetryAfterDate *time.Duration `json:"-"`
	// Delay is a pause before the reply, in real time. JSON: "delay_ms".
	Delay time.Duration `json:"-"`
	// Drip is a pause before each byte of the reply, in real time. JSON: "drip_ms".
	Drip time.Duration `json:"-"`
	// CutAt is the number of bytes of the reply that are sent, with its head. Then the connection ends.
	CutAt *int64 `json:"cut_at,omitempty"`
	// End ends the connection after the reply.
	End End `json:"end,omitempty"`
	// Framing is how the body is framed.
	Framing Framing `json:"framing,omitempty"`
	// Mangle are changes of the real reply, in this order.
	Mangle []Mangle `json:"mangle,omitempty"`
	// Probability is the share of the matching requests that the fault happens to, 0 to 1. The others do not count. nil: 1.
	Probability *float64 `json:"probability,omitempty"`
	// Seed is the seed of chance: the same seed and the same requests have the same faults.
	Seed *uint64 `json:"seed,omitempty"`
}

// MarshalJSON writes durations in milliseconds and in seconds.
func (r FaultReply) MarshalJSON() ([]byte, error) {
	type plain FaultReply
	return json.Marshal(struct {
		plain
		RetryAfter     *seconds     `json:"retry_after_s,omitempty"`
		RetryAfterDate *seconds     `json:"retry_after_date_s,omitempty"`
		Delay          milliseconds `json:"delay_ms,omitzero"`
		Drip           milliseconds `json:"drip_ms,omitzero"`
	}{plain(r), (*seconds)(r.RetryAfter), (*seconds)(r.RetryAfterDate), milliseconds(r.Delay), milliseconds(r.Drip)})
}

// UnmarshalJSON reads durations in milliseconds and in seconds.
func (r *FaultReply) UnmarshalJSON(text []byte) error {
	type plain FaultReply
	read := struct {
		*plain
		RetryAfter     *seconds      `json:"retry_after_s"`
		RetryAfterDate *seconds      `json:"retry_after_date_s"`
		Delay          *milliseconds `json:"delay_ms"`
		Drip           *milliseconds `json:"drip_ms"`
	}{plain: (*plain)(r), Delay: (*milliseconds)(&r.Delay), Drip: (*milliseconds)(&r.Drip)}
	err := json.Unmarshal(text, &read)
	r.RetryAfter, r.RetryAfterDate = (*time.Duration)(read.RetryAfter), (*time.Duration)(read.RetryAfterDate)
	return err
}

// Shape is the form of an error body.
type Shape string

// The forms that were seen at Wix. Each is named after its distinctive member.
const (
	ShapeApplicationError Shape = "application_error"
	ShapeValidationError  Shape = "validation_error"
	ShapeSystemError      Shape = "system_error"
	ShapeDetailsEmpty     Shape = "details_empty"
	ShapeMessageOnly      Shape = "message_only"
	ShapeErrorCode        Shape = "error_code"
	ShapeOauth            Shape = "oauth"
	ShapeHTML             Shape = "html"
	ShapeEmpty            Shape = "empty"
)

// End is how a connection ends.
type End string

const (
	// EndClose closes the connection in good order.
	EndClose End = "close"
	// EndReset resets it.
	EndReset End = "reset"
)

// Framing is how a body is framed.
type Framing string

const (
	// FramingLength is Content-Length.
	FramingLength Framing = "length"
	// FramingChunked is Transfer-Encoding: chunked.
	FramingChunked Framing = "chunked"
	// FramingClose is the end of the connection.
	FramingClose Framing = "close"
)

// Mangle is a change of a reply.
type Mangle string

const (
	// MangleTruncate leaves out the second half of the body. The framing fits.
	MangleTruncate Mangle = "truncate"
	// MangleGarble replaces bytes, so that the body is no JSON.
	MangleGarble Mangle = "garble"
	// MangleUnknownEnum adds a period that no client knows.
	MangleUnknownEnum Mangle = "unknown_enum"
	// MangleUnknownField adds a member that no client knows.
	MangleUnknownField Mangle = "unknown_field"
	// MangleNumbersAsText makes the counts JSON strings.
	MangleNumbersAsText Mangle = "numbers_as_text"
	// MangleDoubleRequestID sends x-wix-request-id twice.
	MangleDoubleRequestID Mangle = "double_request_id"
)

// Connect is what happens to a new connection.
type Connect string

const (
	// ConnectClose closes it.
	ConnectClose Connect = "close"
	// ConnectReset resets it.
	ConnectReset Connect = "reset"
	// ConnectMute answers nothing.
	ConnectMute Connect = "mute"
)

// FaultAdded is the reply to [Emulator.Fault].
type FaultAdded struct {
	// Fault is the name of the fault.
	Fault string `json:"fault"`
}

// ClearFaults clears a fault.
type ClearFaults struct {
	// Fault is its name. Empty: all faults.
	Fault string `json:"fault,omitempty"`
}

// Cleared is the reply to [Emulator.ClearFaults].
type Cleared struct {
	// Cleared is the number of faults that were cleared.
	Cleared int `json:"cleared"`
}
