"""The township's four platforms at a desk."""

from server.forms import platforms
from server.http.routes import Routes

routes = Routes("/s/v1", tag="platforms")

platforms.declare(routes)
