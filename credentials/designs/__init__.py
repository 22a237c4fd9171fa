"""How certificates and badges look: designed by registrars, published in versions, and kept for what they were."""
