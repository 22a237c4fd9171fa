"""Makes the renditions of a credential: certificate, badge picture, code. Knows no models: fields in, bytes out.

Same input, same bytes, so that a job may run twice.
"""
