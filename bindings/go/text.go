package aicredits

import (
	"fmt"
	"strings"
	"unicode"
)

// escaped is server text with whatever could do something to a terminal, or hide in a log, escaped.
func escaped(text string) string {
	if !strings.ContainsFunc(text, acts) {
		return text
	}
	var out strings.Builder
	for _, character := range text {
		if acts(character) {
			fmt.Fprintf(&out, "\\u{%x}", character)
		} else {
			out.WriteRune(character)
		}
	}
	return out.String()
}

func acts(character rune) bool {
	// Control characters, those that turn the direction of the text, and separators of lines and paragraphs.
	return unicode.Is(unicode.Cc, character) || unicode.Is(unicode.Cf, character) || character == '\u2028' ||
		character == '\u2029'
}

// terminated is a text for the C library, which takes it up to its first NUL. One within it becomes another control
// character, so that the library refuses the text rather than see half of it.
func terminated(text string) string {
	return strings.ReplaceAll(text, "\x00", "\x01")
}
