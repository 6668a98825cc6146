"""The township's four platforms on a phone."""

from server.http.routes import Routes
from server.shared_api.acts import platforms

routes = Routes("/m/v1", tag="platforms")

platforms.declare(routes)
