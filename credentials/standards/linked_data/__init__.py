"""From a JSON-LD document to canonical N-Quads, refusing whatever would be left unsigned.

JSON-LD drops what no context defines without a word: it could then be changed at will under a valid signature. This
is the "safe mode" that 1EdTech and W3C ask for (VC Data Integrity 1.0, section 4.2, DATA_LOSS_DETECTION_ERROR).
"""

from .canonical import canonical_n_quads, canonical_of_text, forms_of, learn, shapes_of
from .refusals import BadDocument, DataLoss, Disguised, TooLarge
from .size import LIMITS, Limits, check_size

__all__ = [
    "LIMITS",
    "BadDocument",
    "DataLoss",
    "Disguised",
    "Limits",
    "TooLarge",
    "canonical_n_quads",
    "canonical_of_text",
    "check_size",
    "forms_of",
    "learn",
    "shapes_of",
]
