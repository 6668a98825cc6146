"""Instructions on a phone: a unit reads and answers them."""

from server.http.routes import Routes
from server.shared_api.acts import steering

routes = Routes("/m/v1", tag="steering")

steering.declare(routes)
