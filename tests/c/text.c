/* Functions that write a text to a buffer of the caller. */

#include <aicredits.h>
#include <string.h>

#include "check.h"

static void server_text_is_escaped(void) {
    static const char TEXT[] =
        "a\x1b[2J\xe2\x80\xae"
        "b",
                      SHOWN[] = "a\\u{1b}[2J\\u{202e}b";
    char buffer[AICREDITS_TEXT_SIZE], small[6] = "....x", long_text[2000];

    CHECK(aicredits_text_escape(TEXT, strlen(TEXT), buffer, sizeof buffer) == strlen(SHOWN));
    CHECK(strcmp(buffer, SHOWN) == 0);
    CHECK(aicredits_text_escape(TEXT, strlen(TEXT), NULL, 0) == strlen(SHOWN));
    /* Cut, and no byte written beyond. */
    CHECK(aicredits_text_escape(TEXT, strlen(TEXT), small, 4) == strlen(SHOWN) && strcmp(small, "a\\u") == 0);
    CHECK(small[4] == 'x');
    /* Not within a character. */
    CHECK(aicredits_text_escape("a\xc3\xa9", 3, small, 3) == 3 && strcmp(small, "a") == 0);
    /* Invalid UTF-8 is replaced, a NUL is an ordinary character, and NULL is empty. */
    CHECK(aicredits_text_escape("\xff", 1, buffer, sizeof buffer) == 3 && strcmp(buffer, "\xef\xbf\xbd") == 0);
    CHECK(aicredits_text_escape("\0", 1, buffer, sizeof buffer) == 5 && strcmp(buffer, "\\u{0}") == 0);
    CHECK(aicredits_text_escape(NULL, 7, buffer, sizeof buffer) == 0 && buffer[0] == '\0');
    memset(long_text, 'x', sizeof long_text);
    CHECK(aicredits_text_escape(long_text, sizeof long_text, buffer, sizeof buffer) == 303);
}

static size_t written(int64_t unix_seconds, uint32_t nanoseconds, char *buffer, size_t size) {
    aicredits_timestamp timestamp = {unix_seconds, nanoseconds, 0};

    return aicredits_timestamp_text(&timestamp, buffer, size);
}

static void an_instant_is_rfc_3339(void) {
    static const struct {
        int64_t unix_seconds;
        uint32_t nanoseconds;
        const char *text;
    } CASES[] = {
        {1782864000, 0, "2026-07-01T00:00:00Z"},
        {0, 0, "1970-01-01T00:00:00Z"},
        {-1, 999999999, "1969-12-31T23:59:59.999999999Z"},
        {951782400, 500000000, "2000-02-29T00:00:00.5Z"},
        {-62135596800, 0, "0001-01-01T00:00:00Z"},
        {253402300799, 1, "9999-12-31T23:59:59.000000001Z"},
        {253402300800, 0, "+10000-01-01T00:00:00Z"},
        {INT64_MAX, 999999999, "+292277026596-12-04T15:30:07.999999999Z"},
        {INT64_MIN, 999999999, "-292277022657-01-27T08:29:52.999999999Z"},
    };
    char buffer[AICREDITS_TIMESTAMP_TEXT_SIZE];

    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        CHECK(written(CASES[i].unix_seconds, CASES[i].nanoseconds, buffer, sizeof buffer) == strlen(CASES[i].text));
        CHECK(strcmp(buffer, CASES[i].text) == 0);
    }
    /* Too few bytes, and none at all. */
    memset(buffer, 'x', sizeof buffer);
    CHECK(written(0, 0, buffer, 5) == 20 && strcmp(buffer, "1970") == 0 && buffer[5] == 'x');
    CHECK(written(0, 0, NULL, 0) == 20 && written(0, 0, NULL, 5) == 0);
    /* Without a text. */
    CHECK(written(0, 1000000000, buffer, sizeof buffer) == 0 && buffer[0] == '\0');
    buffer[0] = 'x';
    CHECK(aicredits_timestamp_text(NULL, buffer, sizeof buffer) == 0 && buffer[0] == '\0');
}

int main(void) {
    server_text_is_escaped();
    an_instant_is_rfc_3339();
    return checked();
}
