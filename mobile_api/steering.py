"""Instructions on a phone: a unit reads and answers them."""

from server.forms import steering
from server.http.routes import Routes

routes = Routes("/m/v1", tag="steering")

steering.declare(routes)
