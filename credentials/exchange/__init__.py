"""Exchange with wallets: OAuth 2, the API of Open Badges 3.0, and OpenID4VCI; it signs nothing, and asks workers to."""
