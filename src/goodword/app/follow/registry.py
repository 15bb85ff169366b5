"""The followers of the log, by name. Adding one is a module and a line here."""

from goodword.app.follow import crm, figures, search
from goodword.app.follow.follower import Follower

REGISTRY: dict[str, Follower] = {
    "figures": figures.FOLLOWER,
    "search": search.FOLLOWER,
    "crm": crm.FOLLOWER,
}
