"""Proposals to change a list on a phone: a unit reads what it is asked about, and answers."""

from server.http.routes import Routes
from server.shared_api.acts import opinions

routes = Routes("/m/v1", tag="proposals")

opinions.declare(routes)
