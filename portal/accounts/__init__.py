"""Who a person is: the user, the ledger that is locked for them, their settings. Knows neither domain."""
