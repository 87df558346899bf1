"""requests, with a session."""

import protocol
import requests

session = requests.Session()
session.headers.update(protocol.headers())
session.verify = protocol.certificate()
url = protocol.url()


def call():
    response = session.post(url, data=b"{}")
    response.raise_for_status()
    protocol.check(response.json())


protocol.run(call)
