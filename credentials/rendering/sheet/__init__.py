"""The page that a certificate is printed from: what it says, how large, where, and as a form. Makes no PDF itself."""
