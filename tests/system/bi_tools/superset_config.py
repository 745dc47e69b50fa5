"""Superset for the tests of `make bi`: on this machine alone, and nothing is sent or fetched. No secrets stand here.

Superset itself reads its key from SUPERSET_SECRET_KEY and the folder of its own database from SUPERSET_HOME.
"""

# Its pages may ask nobody but this server: no counting pixel, no maps, no fonts from elsewhere.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}

# One user asks for all charts at once.
AUTH_RATE_LIMITED = False
