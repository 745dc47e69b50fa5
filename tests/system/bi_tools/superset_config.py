"""Configuration of Superset for the tests of `make bi`: on this machine only, without network access or secrets.

Superset reads its key from SUPERSET_SECRET_KEY and the folder of its database from SUPERSET_HOME.
"""

# Its pages may load only from this server: no tracking pixels, maps or fonts from other sites.
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

# One user requests all charts at once.
AUTH_RATE_LIMITED = False
