/* The parts that the programs with a gate share: a client of the server of the test, and the server's paid action. */

#ifndef PAID_H
#define PAID_H

#include <aicredits.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ends the program after a failure that leaves nothing to check. */
static void fail(const char *what) {
    printf("%s\n", what);
    exit(1);
}

static aicredits_client *make_client(void) {
    aicredits_config *config = aicredits_config_new();
    aicredits_client *client = NULL;

    aicredits_config_from_env(config);
    aicredits_config_set_max_retries(config, 0);
    if (aicredits_client_new(config, &client, NULL) != AICREDITS_STATUS_OK) {
        fail("no client");
    }
    aicredits_config_free(config);
    return client;
}

/* Spends credits at the server of AICREDITS_BASE_URL. Returns the HTTP status: 200, or 428 if they are not there. */
static inline int pay(uint64_t cost) {
    const char *url = getenv("AICREDITS_BASE_URL");
    struct sockaddr_in address = {.sin_family = AF_INET};
    char request[128], reply[512];
    size_t length = 0;
    ssize_t count;
    int status = 0, connection = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons((uint16_t)atoi(strrchr(url, ':') + 1));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    snprintf(request, sizeof request, "POST /paid/%llu HTTP/1.1\r\nHost: paid\r\nContent-Length: 0\r\n\r\n",
             (unsigned long long)cost);
    if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0
        || send(connection, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request)) {
        fail("the action was not sent");
    }
    while (length < sizeof reply - 1 && (count = recv(connection, reply + length, sizeof reply - 1 - length, 0)) > 0) {
        length += (size_t)count;
    }
    close(connection);
    reply[length] = '\0';
    if (sscanf(reply, "HTTP/1.1 %d", &status) != 1) {
        fail("the action got no reply");
    }
    return status;
}

#endif
