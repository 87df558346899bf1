//go:build cgo && linux

package aicreditstest

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// serviceTime runs while the calendar is frozen.
var serviceTime = regexp.MustCompile(`("service_ms":)\d+`)

// The requests and the replies are the same bytes in every language and over HTTP. tests/emulator/README.md has the form.
func TestControlHasTheSameBytesInEveryLanguage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../tests/emulator/control.json")
	if os.IsNotExist(err) && !isInTheRepository() {
		t.Skip("the vectors are in the repository alone")
	}
	if err != nil {
		t.Fatal(err)
	}
	var groups []struct {
		Name, Options string
		Steps         []struct {
			Action, Request, Reply string
			Status                 int
		}
	}
	if err := json.Unmarshal(text, &groups); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, group := range groups {
		t.Run(group.Name, func(t *testing.T) {
			e, err := start([]byte(group.Options))
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			for number, step := range group.Steps {
				status, raw := e.Control(step.Action, []byte(step.Request))
				reply := strings.ReplaceAll(string(raw), e.URL(), "http://127.0.0.1:41234")
				reply = serviceTime.ReplaceAllString(reply, "${1}0")
				if status != step.Status || reply != step.Reply {
					t.Errorf("step %d, %s %s: %d\n%s\n%s", number, step.Action, step.Request, status, reply, step.Reply)
				}
				compared++
			}
		})
	}
	if compared < 50 {
		t.Error("only", compared, "requests")
	}
}

// isInTheRepository reports whether the folder is not a copy of the module alone.
func isInTheRepository() bool {
	_, err := os.Stat("../../../crates/aicredits-emulator")
	return err == nil
}
