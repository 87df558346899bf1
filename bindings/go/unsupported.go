//go:build !cgo || !linux

package aicredits

import (
	"context"
	"log/slog"
	"strconv"
)

// unsupported is the error of NewClient, FromJSON and calls without cgo or on another system than Linux. The types, errors and
// options exist there too, so that a program which imports the package compiles.
func unsupported() *Error {
	return &Error{Kind: KindInvalidArgument, Message: "this program was built without the library aicredits: build it for Linux " +
		"with CGO_ENABLED=1 and a C compiler (other systems are not supported)"}
}

// NewClient returns an error: this build has no native library.
func NewClient(...Option) (*Client, error) { return nil, unsupported() }

// FromJSON returns an error: this build has no native library.
func FromJSON([]byte) (*Balance, error) { return nil, unsupported() }

// SetLogger does nothing: this build has no native library.
func SetLogger(*slog.Logger) {}

type native struct{}

type semaphore struct{}

func (*native) close() bool { return false }

func (*Client) getBalance(context.Context, []CallOption) (*Balance, error) { return nil, unsupported() }

func escaped(text string) string {
	quoted := strconv.QuoteToASCII(text)
	return quoted[1 : len(quoted)-1]
}
