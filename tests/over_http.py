"""HTTP to servers on this machine: httpx2's own functions load TLS certificates each time, 50 ms of a core."""

import ssl
from functools import partial

import httpx2

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
request = partial(httpx2.request, verify=NO_TLS)
get = partial(httpx2.get, verify=NO_TLS)
post = partial(httpx2.post, verify=NO_TLS)
Client = partial(httpx2.Client, verify=NO_TLS)
