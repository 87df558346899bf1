package aicredits

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The Go module has a copy of the header, so that it builds without the repository.
func TestTheCopyOfTheHeaderIsCurrent(t *testing.T) {
	header, err := os.ReadFile("aicredits.h")
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile("../../include/aicredits.h")
	if err == nil && string(original) != string(header) {
		t.Error("aicredits.h is not the repository's: `cargo xtask generate` writes both")
	}
}

// Go has its own numbers, for builds without the library. They are the numbers of the C API.
func TestConstantsHaveTheNumbersOfC(t *testing.T) {
	text, err := os.ReadFile("../../include/aicredits.api.json")
	if _, outside := os.Stat("../../crates/aicredits-ffi"); os.IsNotExist(err) && os.IsNotExist(outside) {
		t.Skip("the description of the C API is in the repository alone")
	}
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Constants []struct {
			Name  string
			Value int32
		}
	}
	if err := json.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, constant := range api.Constants {
		if isEnum(constant.Name) {
			sameName(t, constant.Name, constant.Value)
			compared++
		}
	}
	if compared < 39 {
		t.Error("only", compared, "constants")
	}
}

func isEnum(name string) bool {
	return name != "AICREDITS_STATUS_OK" && strings.HasPrefix(name, "AICREDITS_STATUS_") ||
		strings.HasPrefix(name, "AICREDITS_PHASE_") || strings.HasPrefix(name, "AICREDITS_DENIAL_REASON_") ||
		strings.HasPrefix(name, "AICREDITS_ANSWER_") || strings.HasPrefix(name, "AICREDITS_BINDING_")
}

func sameName(t *testing.T, name string, value int32) {
	goName := "AICREDITS_STATUS_" + Kind(value).String()
	switch {
	case strings.HasPrefix(name, "AICREDITS_PHASE_"):
		goName = "AICREDITS_PHASE_" + Phase(value).String()
	case strings.HasPrefix(name, "AICREDITS_ANSWER_"):
		goName = "AICREDITS_ANSWER_" + Answer(value).String()
	case strings.HasPrefix(name, "AICREDITS_BINDING_"):
		goName = "AICREDITS_BINDING_" + Binding(value).String()
	case strings.HasPrefix(name, "AICREDITS_DENIAL_REASON_"):
		goName = "AICREDITS_DENIAL_REASON_" + DenialReason(value).String()
	}
	if goName != name {
		t.Error(name, "is in Go", goName)
	}
}

// C has one namespace, so every exported symbol of this package has a prefix.
func TestSymbolsOfCHaveAPrefix(t *testing.T) {
	for file, pattern := range map[string]string{
		"native_linux.h": `(?m)^\w[\w *]*\b(\w+)\(`, "native_linux.c": `(?m)^(?:void|int|bool)[\w *]*\b(\w+)\(`, "callbacks.go": `(?m)^//export (\w+)`,
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1)
		if len(names) < 2 {
			t.Error(file, names)
		}
		for _, name := range names {
			if !strings.HasPrefix(name[1], "aicredits_go_") && !strings.HasPrefix(name[1], "aicreditsGo") {
				t.Error(file, name[1])
			}
		}
	}
}
