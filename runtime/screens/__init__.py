"""Server-rendered screens: templates, static files, their messages and the routes that fill them."""
