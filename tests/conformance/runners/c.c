/* The C runner of the conformance suite: through the public header alone, one accessor for each value. */

#include <aicredits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "c_decisions.h"
#include "c_gate.h"
#include "c_lines.h"

static void give_up(const char *what) {
    fprintf(stderr, "conformance-c: %s\n", what);
    exit(2);
}

typedef struct asked {
    aicredits_config *config;
    aicredits_call *call;        /* NULL if the call has no settings. */
    aicredits_gate_config *gate; /* NULL unless a gate reads the balance. */
    int closed;                  /* Whether the client is to be closed before the call. */
    char *json;                  /* NULL unless it is to be read without a client. */
    size_t json_length;
    char *questions; /* NULL, or NUL-terminated, one behind the other. */
    size_t questions_length;
} asked;

static void start(asked *asked) {
    asked->config = aicredits_config_new();
    asked->call = NULL;
    asked->gate = NULL;
    asked->closed = 0;
    asked->json = NULL;
    asked->json_length = 0;
    asked->questions = NULL;
    asked->questions_length = 0;
}

static void clear(asked *asked) {
    aicredits_config_free(asked->config);
    aicredits_call_free(asked->call);
    aicredits_gate_config_free(asked->gate);
    free(asked->json);
    free(asked->questions);
}

/* Decodes percent-encoding in place, and returns the new length. */
static size_t decode(char *text) {
    char *out = text;
    const char *in;
    for (in = text; *in != '\0'; in++) {
        if (*in == '%') {
            char digits[3];
            memcpy(digits, in + 1, 2);
            digits[2] = '\0';
            *out++ = (char)strtoul(digits, NULL, 16);
            in += 2;
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
    return (size_t)(out - text);
}

/* Splits "a,b" in two, decodes each, and returns the second. */
static char *decode_two(char *texts) {
    char *comma = strchr(texts, ',');
    if (comma == NULL) {
        give_up("two ids are needed");
    }
    *comma = '\0';
    decode(comma + 1);
    decode(texts);
    return comma + 1;
}

/* Returns the texts in order, and then repeats the last one. */
typedef struct provider {
    char *texts; /* NUL-terminated, one behind the other. */
    const char *next;
    size_t left;
    int fails;
} provider;

static void provide_credential(void *user, aicredits_credential *credential) {
    provider *provider = user;
    if (provider->fails) {
        aicredits_credential_set_failure(credential, provider->next);
    } else {
        aicredits_credential_set_authorization(credential, provider->next);
    }
    if (provider->left > 1) {
        provider->next += strlen(provider->next) + 1;
        provider->left--;
    }
}

static void free_provider(void *user) {
    provider *provider = user;
    free(provider->texts);
    free(provider);
}

static void set_provider(aicredits_config *config, char *texts, int fails) {
    provider *made = malloc(sizeof *made);
    char *out = malloc(strlen(texts) + 1);
    char *text;
    if (made == NULL || out == NULL) {
        give_up("no memory");
    }
    made->texts = out;
    made->next = out;
    made->left = 0;
    made->fails = fails;
    for (text = strtok(texts, ","); text != NULL; text = strtok(NULL, ",")) {
        size_t length = decode(text);
        memcpy(out, text, length + 1);
        out += length + 1;
        made->left++;
    }
    aicredits_config_set_credential_provider(config, provide_credential, made, free_provider);
}

static uint64_t number(const char *text) {
    return strtoull(text, NULL, 10);
}

static void set_for_call(asked *asked, const char *name, char *value) {
    if (asked->call == NULL) {
        asked->call = aicredits_call_new();
    }
    if (strcmp(name, "account_and_site_ids") == 0) {
        const char *site = decode_two(value);
        aicredits_call_set_account_and_site_ids(asked->call, value, site);
        return;
    }
    decode(value);
    if (strcmp(name, "account_id") == 0) {
        aicredits_call_set_account_id(asked->call, value);
    } else if (strcmp(name, "site_id") == 0) {
        aicredits_call_set_site_id(asked->call, value);
    } else if (strcmp(name, "credential_scope") == 0) {
        aicredits_call_set_credential_scope(asked->call);
    } else if (strcmp(name, "timeout_ms") == 0) {
        aicredits_call_set_timeout_ms(asked->call, number(value));
    } else if (strcmp(name, "cancelled") == 0) {
        aicredits_call_cancel(asked->call);
    } else {
        give_up(name);
    }
}

static void ask(asked *asked, const char *question, size_t length) {
    asked->questions = realloc(asked->questions, asked->questions_length + length + 1);
    if (asked->questions == NULL) {
        give_up("no memory");
    }
    memcpy(asked->questions + asked->questions_length, question, length + 1);
    asked->questions_length += length + 1;
}

static void print_decisions(const asked *asked, const aicredits_balance *balance) {
    size_t at = 0;
    while (at < asked->questions_length) {
        if (!print_decision(balance, asked->questions + at)) {
            give_up(asked->questions + at);
        }
        at += strlen(asked->questions + at) + 1;
    }
}

static void set(asked *asked, const char *name, char *value) {
    aicredits_config *config = asked->config;
    size_t length;
    if (strncmp(name, "call.", 5) == 0) {
        set_for_call(asked, name + 5, value);
        return;
    }
    if (strncmp(name, "gate.", 5) == 0) {
        if (asked->gate == NULL) {
            asked->gate = aicredits_gate_config_new();
        }
        decode(value);
        if (!set_for_gate(asked->gate, name + 5, value)) {
            give_up(name);
        }
        return;
    }
    if (strcmp(name, "account_and_site_ids") == 0) {
        const char *site = decode_two(value);
        aicredits_config_set_account_and_site_ids(config, value, site);
        return;
    }
    if (strcmp(name, "credential_provider") == 0 || strcmp(name, "credential_provider_failure") == 0) {
        set_provider(config, value, strcmp(name, "credential_provider") != 0);
        return;
    }
    length = decode(value);
    if (strcmp(name, "api_key") == 0) {
        aicredits_config_set_api_key(config, value);
    } else if (strcmp(name, "authorization") == 0) {
        aicredits_config_set_authorization(config, value);
    } else if (strcmp(name, "account_id") == 0) {
        aicredits_config_set_account_id(config, value);
    } else if (strcmp(name, "site_id") == 0) {
        aicredits_config_set_site_id(config, value);
    } else if (strcmp(name, "credential_scope") == 0) {
        aicredits_config_set_credential_scope(config);
    } else if (strcmp(name, "per_call_scope") == 0) {
        aicredits_config_set_per_call_scope(config);
    } else if (strcmp(name, "base_url") == 0) {
        aicredits_config_set_base_url(config, value);
    } else if (strcmp(name, "allow_insecure_http") == 0) {
        aicredits_config_set_allow_insecure_http(config, (int32_t)number(value));
    } else if (strcmp(name, "timeout_ms") == 0) {
        aicredits_config_set_timeout_ms(config, number(value));
    } else if (strcmp(name, "max_reply_bytes") == 0) {
        aicredits_config_set_max_reply_bytes(config, (size_t)number(value));
    } else if (strcmp(name, "max_retries") == 0) {
        aicredits_config_set_max_retries(config, (uint32_t)number(value));
    } else if (strcmp(name, "max_concurrency") == 0) {
        aicredits_config_set_max_concurrency(config, (uint32_t)number(value));
    } else if (strcmp(name, "ca_file") == 0) {
        aicredits_config_set_ca_file(config, value);
    } else if (strcmp(name, "ca_pem") == 0) {
        aicredits_config_set_ca_pem(config, value, length);
    } else if (strcmp(name, "proxy") == 0) {
        aicredits_config_set_proxy(config, value);
    } else if (strcmp(name, "proxy_from_env") == 0) {
        aicredits_config_set_proxy_from_env(config, (int32_t)number(value));
    } else if (strcmp(name, "name") == 0) {
        aicredits_config_set_name(config, value);
    } else if (strcmp(name, "closed") == 0) {
        asked->closed = 1;
    } else if (strcmp(name, "from_env") == 0) {
        aicredits_config_from_env(config);
    } else if (strcmp(name, "decide") == 0) {
        ask(asked, value, length);
    } else if (strcmp(name, "from_json") == 0) {
        asked->json = malloc(length + 1);
        if (asked->json == NULL) {
            give_up("no memory");
        }
        memcpy(asked->json, value, length + 1);
        asked->json_length = length;
    } else {
        give_up(name);
    }
}

static void answer(const asked *asked) {
    aicredits_client *client = NULL;
    aicredits_balance *balance = NULL;
    aicredits_error *error = NULL;
    aicredits_status status;

    if (asked->json != NULL) {
        status = aicredits_balance_from_json(asked->json, asked->json_length, &balance, &error);
    } else {
        status = aicredits_client_new(asked->config, &client, &error);
        if (status == AICREDITS_STATUS_OK && asked->closed) {
            aicredits_client_close(client);
        }
        if (status == AICREDITS_STATUS_OK) {
            status = asked->gate == NULL ? aicredits_client_get_balance(client, asked->call, &balance, &error)
                                         : read_through_gate(client, asked->gate, asked->call, &balance, &error);
        }
    }
    if (status == AICREDITS_STATUS_OK) {
        print_balance(balance);
        print_decisions(asked, balance);
    } else if (status == aicredits_error_status(error)) {
        print_error(error);
    } else {
        give_up("the call and its error have different statuses");
    }
    printf("end\n");
    fflush(stdout);

    aicredits_error_free(error);
    aicredits_balance_free(balance);
    aicredits_client_free(client);
}

/* Reads a line of any length, without its end, into a buffer that grows. NULL at the end of the input. */
static char *read_line(char **buffer, size_t *size) {
    size_t used = 0;
    int character;
    while ((character = getchar()) != EOF && character != '\n') {
        if (used + 1 >= *size) {
            *size = *size == 0 ? 256 : *size * 2;
            *buffer = realloc(*buffer, *size);
            if (*buffer == NULL) {
                give_up("no memory");
            }
        }
        (*buffer)[used++] = (char)character;
    }
    if (character == EOF) {
        return NULL;
    }
    if (*buffer == NULL) {
        *size = 256;
        *buffer = malloc(*size);
        if (*buffer == NULL) {
            give_up("no memory");
        }
    }
    (*buffer)[used] = '\0';
    return *buffer;
}

int main(void) {
    char *buffer = NULL;
    size_t size = 0;
    char *line;
    asked asked;

    start(&asked);
    while ((line = read_line(&buffer, &size)) != NULL) {
        char *value = strchr(line, '=');
        if (value != NULL) {
            *value = '\0';
            set(&asked, line, value + 1);
        } else {
            answer(&asked);
            clear(&asked);
            start(&asked);
        }
    }
    clear(&asked);
    free(buffer);
    return 0;
}
