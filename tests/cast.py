"""The people of the tests: Lena learns, Noor is the stranger, Ivo instructs, Rhea registers, Ada administers."""

from portal.accounts.models import User

PASSWORD = "stone-on-stone"


def person(email: str, name: str, **fields: object) -> User:
    """The person of this address, made on first call."""
    found = User.objects.filter(email=email).first()
    return found or User.objects.create_user(email, PASSWORD, name=name, **fields)


def make_lena() -> User:
    return person("lena@example.org", "Lena Çelik-Ōno")


def make_noor() -> User:
    """A second learner, who must be refused whatever is Lena's."""
    return person("noor@example.org", "Noor Haddad")


def make_ivo() -> User:
    return person("ivo@example.edu", "Ivo Marin")


def make_rhea() -> User:
    return person("rhea@example.edu", "Rhea Lindqvist")


def make_ada() -> User:
    return person("ada@example.edu", "Ada Okafor", is_staff=True, is_superuser=True)
