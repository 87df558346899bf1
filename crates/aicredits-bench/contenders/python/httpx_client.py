"""httpx, with a client."""

import os
import ssl

import httpx
import protocol

context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
# Its connections are otherwise closed between two rounds.
limits = httpx.Limits(keepalive_expiry=None)
client = httpx.Client(headers=protocol.headers(), verify=context, limits=limits)
url = protocol.url()


def call():
    response = client.post(url, content=b"{}")
    response.raise_for_status()
    protocol.check(response.json())


protocol.run(call)
