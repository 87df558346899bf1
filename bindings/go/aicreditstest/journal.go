package aicreditstest

import (
	"encoding/json"
	"strings"
	"time"
)

// Route is a route of the API.
type Route string

const (
	// RouteBalance is GetBalance.
	RouteBalance Route = "balance"
	// RoutePaidAction is the emulator's paid action, at [PaidActionPath].
	RoutePaidAction Route = "paid_action"
)

// JournalQuery selects requests. An empty member selects all.
type JournalQuery struct {
	// After selects requests with a larger number.
	After int `json:"after,omitempty"`
	// Limit is the largest number of requests in the reply, the oldest first. 0: all that the journal has.
	Limit int `json:"limit,omitempty"`
	// Route is the route.
	Route Route `json:"route,omitempty"`
	// Key is the name of the key.
	Key string `json:"key,omitempty"`
	// Account is the value of wix-account-id.
	Account string `json:"account,omitempty"`
	// Site is the value of wix-site-id.
	Site string `json:"site,omitempty"`
	// Status is the status of the reply.
	Status int `json:"status,omitempty"`
}

// Journal is a list of requests, the oldest first.
type Journal struct {
	// Requests are the selected requests.
	Requests []Entry `json:"requests"`
	// Total is the number of requests that came in all.
	Total int `json:"total"`
	// Dropped is the number of requests that the journal no longer has. It holds 10,000 requests and 16 MiB.
	Dropped int `json:"dropped"`
}

// Entry is a request and its reply. It has no value of Authorization.
type Entry struct {
	// N is its number, from 1.
	N int `json:"n"`
	// Arrived is when its first byte came, in real time since the emulator started. JSON: "arrived_ms".
	Arrived time.Duration `json:"-"`
	// Replied is when the last byte of the reply was handed to the system; 0 if Ended is empty. JSON: "replied_ms".
	Replied time.Duration `json:"-"`
	// Date is the instant of the calendar.
	Date time.Time `json:"date"`
	// Connection is the number of the connection, from 0.
	Connection int `json:"connection"`
	// OnConnection is the place of the request on its connection, from 0.
	OnConnection int `json:"on_connection"`
	// Method is the HTTP method.
	Method string `json:"method"`
	// Target is the path with the query.
	Target string `json:"target"`
	// Version is "1.1" or "1.0".
	Version string `json:"version"`
	// Route is the route; empty if it is none of the API's.
	Route Route `json:"route,omitempty"`
	// Key is the name of the key, or "unknown"; empty if the request had no Authorization.
	Key string `json:"key,omitempty"`
	// Account is the value of wix-account-id.
	Account string `json:"account,omitempty"`
	// Site is the value of wix-site-id.
	Site string `json:"site,omitempty"`
	// Headers are names, in lower case, and values. The value of authorization is the name of the key.
	Headers [][2]string `json:"headers"`
	// Body is the body, cut at 64 KiB.
	Body string `json:"body"`
	// BodyBytes is the length of the whole body.
	BodyBytes int64 `json:"body_bytes"`
	// Status is the status of the reply; 0 if there is none.
	Status int `json:"status,omitempty"`
	// RequestID is the x-wix-request-id of the reply.
	RequestID string `json:"request_id,omitempty"`
	// Fault is the name of the fault that happened to the request.
	Fault string `json:"fault,omitempty"`
	// Ended is how the reply ended; empty if it has not ended.
	Ended Ended `json:"ended,omitempty"`
}

// Header is the value of the first header of this name, in any case; empty if there is none.
func (e Entry) Header(name string) string {
	for _, header := range e.Headers {
		if strings.EqualFold(header[0], name) {
			return header[1]
		}
	}
	return ""
}

// MarshalJSON writes times in milliseconds.
func (e Entry) MarshalJSON() ([]byte, error) {
	type plain Entry
	var replied *milliseconds
	if e.Ended != "" {
		replied = (*milliseconds)(&e.Replied)
	}
	return json.Marshal(struct {
		plain
		Arrived milliseconds  `json:"arrived_ms"`
		Replied *milliseconds `json:"replied_ms"`
	}{plain(e), milliseconds(e.Arrived), replied})
}

// UnmarshalJSON reads times in milliseconds.
func (e *Entry) UnmarshalJSON(text []byte) error {
	type plain Entry
	read := struct {
		*plain
		Arrived *milliseconds `json:"arrived_ms"`
		Replied milliseconds  `json:"replied_ms"`
	}{plain: (*plain)(e), Arrived: (*milliseconds)(&e.Arrived)}
	err := json.Unmarshal(text, &read)
	e.Replied = time.Duration(read.Replied)
	return err
}

// Ended is how a reply ended.
type Ended string

const (
	// EndedComplete is a reply that was handed to the system as a whole.
	EndedComplete Ended = "complete"
	// EndedCut is a reply that a fault cut.
	EndedCut Ended = "cut"
	// EndedGone is a reply whose client left before.
	EndedGone Ended = "gone"
)

// Mark separates the calls before it from those after it, for the verdict.
type Mark struct {
	// Label is text for people.
	Label string `json:"label,omitempty"`
}

// Marked is the reply to [Emulator.Mark].
type Marked struct {
	// N is the number of requests so far: [JournalQuery] After it lists the later ones.
	N int `json:"n"`
}

// Wait waits for requests.
type Wait struct {
	// Requests is the number of requests in all.
	Requests int `json:"requests"`
	// Timeout is the longest wait, in real time; at most 10 minutes. 0: 5 seconds. JSON: "timeout_ms".
	Timeout time.Duration `json:"-"`
}

// MarshalJSON writes durations in milliseconds.
func (w Wait) MarshalJSON() ([]byte, error) {
	type plain Wait
	return json.Marshal(struct {
		plain
		Timeout milliseconds `json:"timeout_ms,omitzero"`
	}{plain(w), milliseconds(w.Timeout)})
}

// Waited is the reply to [Emulator.Wait].
type Waited struct {
	// Reached reports whether so many requests came in time.
	Reached bool `json:"reached"`
	// Total is the number of requests that came.
	Total int `json:"total"`
}
