"""The township's four platforms at a desk."""

from server.http.routes import Routes
from server.shared_api.acts import platforms

routes = Routes("/s/v1", tag="platforms")

platforms.declare(routes)
