"""Edits a rule the way a form shows it: fields go into the JSON of its parts; parts are added, wrapped, moved, removed.

The JSON is the one thing that is edited. What no field is made for is edited in the words of the text notation, and
what somebody typed stays even where it cannot be read yet, so that form, text, JSON and sentence are views of one rule.
`fields` says which fields there are, `places` where things stand, `saying` how a field's value is said and read,
`taking` puts what was sent into the document, and `acts` changes the tree.
"""
