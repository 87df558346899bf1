/* libcurl, one handle used again and again, and cJSON. */

#include <curl/curl.h>

#include "reply_cjson.h"

struct body {
    char bytes[16384];
    size_t length;
};

static size_t append(char *bytes, size_t size, size_t count, void *to) {
    struct body *body = to;
    require(body->length + count <= sizeof body->bytes, "a reply of the size that is expected");
    memcpy(body->bytes + body->length, bytes, count);
    body->length += count;
    return size * count;
}

static uint64_t call(void *curl) {
    static struct body body;
    long status;
    uint64_t begun = now();
    body.length = 0;
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    CURLcode code = curl_easy_perform(curl);
    require(code == CURLE_OK, curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    require(status == 200, "status 200");
    cJSON *reply = cJSON_ParseWithLength(body.bytes, body.length);
    check(reply);
    cJSON_Delete(reply);
    return now() - begun;
}

int main(void) {
    char text[512];
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    snprintf(text, sizeof text, "Authorization: %s", setting("WIX_API_KEY"));
    headers = curl_slist_append(headers, text);
    snprintf(text, sizeof text, "wix-account-id: %s", setting("WIX_ACCOUNT_ID"));
    headers = curl_slist_append(headers, text);
    snprintf(text, sizeof text, "%s/appmarket/credittransactions/v1/credit-transactions/balance",
             setting("AICREDITS_BASE_URL"));
    curl_easy_setopt(curl, CURLOPT_URL, text);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "{}");
    curl_easy_setopt(curl, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
    if (getenv("SSL_CERT_FILE") != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
    }
    int status = answer(call, curl);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
