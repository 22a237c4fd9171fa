"""The tables of the library for OAuth (`oauth2_provider`) made at once, as its release that is pinned has them.

Its own twenty-two migrations build and alter them one by one, which takes longer than all other tables of the site.
"""
