"""What `make migration` shows to Tortoise's command line; the models matter, no server does."""

from server import db

TORTOISE_ORM = db.config("postgres://unused@127.0.0.1/unused")
