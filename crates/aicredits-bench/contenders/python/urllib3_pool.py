"""urllib3, with a pool."""

import os

import protocol
import urllib3

pool = urllib3.PoolManager(ca_certs=os.environ.get("SSL_CERT_FILE"), headers=protocol.headers())
url = protocol.url()


def call():
    response = pool.request("POST", url, body=b"{}")
    assert response.status == 200
    protocol.check(response.json())


protocol.run(call)
