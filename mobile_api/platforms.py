"""The township's four platforms on a phone."""

from server.forms import platforms
from server.http.routes import Routes

routes = Routes("/m/v1", tag="platforms")

platforms.declare(routes)
