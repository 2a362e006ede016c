"""A service account of Google's: a signed assertion is exchanged for an access token (RFC 7523)."""

import json
from datetime import timedelta

from heedful.errors import BadSettings
from heedful.sources import Fetch

LASTS = timedelta(minutes=30)


def access_token(key: str, scope: str, login: str, fetch: Fetch) -> str:
    """A token for a scope, for the account whose key (the JSON file that Google's console gives) this is."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    try:
        account = json.loads(key)
        signing, mail = RSAKey.import_key(account["private_key"]), account["client_email"]
    except (ValueError, KeyError, TypeError):
        raise BadSettings("the key must be a service account's JSON file, with client_email and private_key") from None
    now = int(fetch.now().timestamp())
    claims = {"iss": mail, "scope": scope, "aud": login, "iat": now, "exp": now + int(LASTS.total_seconds())}
    assertion = jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, signing)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return str(fetch(login, form=form).json()["access_token"])
