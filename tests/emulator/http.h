/* One POST request over its own connection: a client that no library wrote. */

#ifndef HTTP_H
#define HTTP_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BALANCE "/appmarket/credittransactions/v1/credit-transactions/balance"
#define PAID_ACTION "/_emulator/paid-action"

/* headers: each line with "\r\n". Returns the status of the reply, or 0 if no reply came. */
static int post(const char *url, const char *path, const char *headers, const char *body) {
    struct sockaddr_in server;
    char request[2048], reply[2048];
    size_t length = 0;
    ssize_t got = 1;
    int size, connection = socket(AF_INET, SOCK_STREAM, 0);

    memset(&server, 0, sizeof server);
    server.sin_family = AF_INET;
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.sin_port = htons((unsigned short)atoi(strrchr(url, ':') + 1));
    size = snprintf(request, sizeof request,
                    "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s"
                    "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                    path, headers, (int)strlen(body), body);
    if (connect(connection, (struct sockaddr *)&server, sizeof server) == 0
        && send(connection, request, (size_t)size, MSG_NOSIGNAL) == size) {
        while (got > 0 && length < sizeof reply - 1) {
            got = recv(connection, reply + length, sizeof reply - 1 - length, 0);
            length += got > 0 ? (size_t)got : 0;
        }
    }
    reply[length] = '\0';
    close(connection);
    return strncmp(reply, "HTTP/1.1 ", 9) == 0 ? atoi(reply + 9) : 0;
}

#endif
