"""Before filing: a look at the place, and one complete notice to the reporter."""

from server.http.routes import Routes
from server.shared_api.acts import screening_verbs, spot_verbs

routes = Routes("/s/v1", tag="cases")

screening_verbs.declare(routes)
spot_verbs.declare(routes)
