//go:build !cgo || !linux

package aicreditstest

// unsupported is the error of Start without cgo or on another system than Linux. The types, errors and options exist there
// too, so that a test which imports the package compiles.
func unsupported() *Error {
	return &Error{Code: "unsupported", Message: "this program was built without the library aicredits_emulator: build it for " +
		"Linux with CGO_ENABLED=1 and a C compiler (other systems are not supported)"}
}

type native struct{}

func startNative([]byte) (*native, error) { return nil, unsupported() }

func (*native) setting(string) string { return "" }

func (*native) control(string, []byte) (status int, reply []byte) {
	failure := unsupported()
	return refusal(0, failure.Code, failure.Message)
}

func (*native) verdict([]byte) (findings int, text string) { return -1, unsupported().Message }

func (*native) close() {}
