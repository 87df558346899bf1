package aicredits

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The header is the contract: its copy is the repository's, and Go reads and sets all that it has.
func TestGoHasAllThatTheHeaderHas(t *testing.T) {
	header, err := os.ReadFile("aicredits.h")
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile("../../include/aicredits.h")
	if err == nil && string(original) != string(header) {
		t.Error("aicredits.h is not the repository's: `cargo xtask header` writes both")
	}
	sources := ""
	files, err := filepath.Glob("*.[gc]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources += string(text)
		}
	}
	code := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(header), "")
	// What Go has another way for.
	elsewhere := map[string]bool{
		"aicredits_balance_ref": true, // The collector counts the owners.
		"aicredits_period_name": true, // FeaturePeriod is the name.
		// The names are in Go, for builds without the library; they are compared below.
		"aicredits_status_name": true, "aicredits_phase_name": true,
		// slog has names of its own, and the ids tell the scope.
		"aicredits_log_level_name": true, "aicredits_scope_kind_name": true,
		// A text that is absent is empty, and a status that is absent is 0.
		"AICREDITS_HAS_VIOLATED_RULE": true,
		"AICREDITS_HAS_REQUEST_ID":    true, "AICREDITS_HAS_HTTP_STATUS": true,
		// The ids tell which of the scopes it is.
		"AICREDITS_SCOPE_ACCOUNT": true, "AICREDITS_SCOPE_SITE": true,
		"AICREDITS_SCOPE_ACCOUNT_AND_SITE": true, "AICREDITS_SCOPE_CREDENTIAL": true,
		// Those of other languages.
		"AICREDITS_SURFACE_C": true, "AICREDITS_SURFACE_CPP": true,
		// Whatever is no known period.
		"AICREDITS_PERIOD_UNKNOWN": true,
	}
	for _, pattern := range []string{`\b(aicredits_[a-z_]+)\(`, `#define (AICREDITS_[A-Z_]+) (\d+)\n`} {
		matches := regexp.MustCompile(pattern).FindAllStringSubmatch(code, -1)
		if len(matches) < 40 {
			t.Error("only", len(matches), "of", pattern)
		}
		for _, match := range matches {
			name := match[1]
			if isEnum(name) {
				sameName(t, name, match[2])
				continue
			}
			used := regexp.MustCompile(`\b` + name + `\b`).MatchString(sources)
			if used == elsewhere[name] && !strings.HasPrefix(name, "AICREDITS_VERSION") {
				t.Error(name, "used:", used)
			}
		}
	}
	for _, fields := range regexp.MustCompile(`(?s)typedef struct aicredits_\w+ \{(.*?)\}`).FindAllStringSubmatch(code, -1) {
		for _, field := range regexp.MustCompile(`(\w+)(?:\[2\])?;`).FindAllStringSubmatch(fields[1], -1) {
			name := field[1]
			if name != "reserved" && name != "kind" && !strings.Contains(sources, "."+name) {
				t.Error("the field", name, "is read nowhere")
			}
		}
	}
}

func isEnum(name string) bool {
	return name != "AICREDITS_STATUS_OK" && strings.HasPrefix(name, "AICREDITS_STATUS_") || strings.HasPrefix(name, "AICREDITS_PHASE_")
}

// Go has the numbers and the names of its own: they are the header's.
func sameName(t *testing.T, name, number string) {
	value, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	goName := "AICREDITS_STATUS_" + Kind(value).String()
	if strings.HasPrefix(name, "AICREDITS_PHASE_") {
		goName = "AICREDITS_PHASE_" + Phase(value).String()
	}
	if goName != name {
		t.Error(name, "is in Go", goName)
	}
}

// C has one namespace: what this package adds to it is named as its own.
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
