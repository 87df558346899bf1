"""http.client and json, of the standard library."""

import http.client
import json
import os
import socket
import ssl
from urllib.parse import urlsplit

import protocol

url, headers = urlsplit(protocol.url()), protocol.headers()


def connect():
    if url.scheme == "https":
        context = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
        made = http.client.HTTPSConnection(url.hostname, url.port, context=context)
    else:
        made = http.client.HTTPConnection(url.hostname, url.port)
    made.connect()
    made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


connection = connect()


def call():
    global connection
    if connection.sock is None:
        connection = connect()
    connection.request("POST", url.path, body=b"{}", headers=headers)
    response = connection.getresponse()
    assert response.status == 200
    protocol.check(json.loads(response.read()))


protocol.run(call)
