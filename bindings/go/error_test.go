package aicredits

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"
)

func TestKindsAndPhasesAreText(t *testing.T) {
	for number := range int32(30) {
		kind, phase := Kind(number), Phase(number)
		written, err := json.Marshal(map[Kind]Phase{kind: phase})
		var read map[Kind]Phase
		if err != nil || json.Unmarshal(written, &read) != nil || read[kind] != phase || len(read) != 1 {
			t.Error(string(written), err)
		}
	}
	if text, _ := KindRateLimited.MarshalText(); string(text) != "RATE_LIMITED" {
		t.Error(string(text))
	}
	kind := KindServer
	if err := kind.UnmarshalText([]byte("server")); err == nil || kind != KindServer {
		t.Error(kind, err)
	}
}

func TestAnErrorIsReadBackFromJSON(t *testing.T) {
	wait := 5 * time.Second
	failure := &Error{
		Kind: KindServer, Message: "m", HTTPStatus: 503, Code: "C", Description: "d", Scope: &Scope{SiteID: "s"}, RequestID: "r",
		FieldViolations: []FieldViolation{{Field: "f", Description: "d", ViolatedRule: "REQUIRED_FIELD"}},
		RetryAfter:      &wait, IsTransient: true, Attempts: []Attempt{{PhaseReply, time.Second, 503, "r"}},
	}
	written, err := json.Marshal(failure)
	var read Error
	if err != nil || json.Unmarshal(written, &read) != nil || !reflect.DeepEqual(&read, failure) {
		t.Error(string(written), err)
	}
	for _, part := range []reflect.Type{reflect.TypeFor[Error](), reflect.TypeFor[Attempt](), reflect.TypeFor[FieldViolation](), reflect.TypeFor[Scope]()} {
		for i := range part.NumField() {
			if field := part.Field(i); field.IsExported() && field.Tag.Get("json") == "" {
				t.Error(part, field.Name, "has no tag")
			}
		}
	}
}

func TestKindOfAndRetryableLookIntoTheTree(t *testing.T) {
	transient := &Error{Kind: KindServer, IsTransient: true}
	ended := &Error{Kind: KindTimeout, IsTransient: true, cause: contextEnd{err: context.DeadlineExceeded}}
	for _, test := range []struct {
		err       error
		kind      Kind
		retryable bool
	}{
		{nil, 0, false}, {errors.New("another"), 0, false}, {context.Canceled, 0, false},
		{transient, KindServer, true}, {fmt.Errorf("wrapped: %w", transient), KindServer, true},
		{errors.Join(errors.New("another"), transient), KindServer, true}, {&Error{Kind: KindForbidden}, KindForbidden, false},
		// The context will not be there for another call.
		{ended, KindTimeout, false},
	} {
		if KindOf(test.err) != test.kind || Retryable(test.err) != test.retryable {
			t.Error(test.err, KindOf(test.err), Retryable(test.err))
		}
	}
	if !transient.Temporary() || transient.Timeout() || !ended.Timeout() {
		t.Error("a net.Error")
	}
}
