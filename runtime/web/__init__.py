"""What API and screens share: the application, the state of a request, declared routes, headers, errors.

An edge is a module with `register(app)` (`runtime.web.app.EDGES`). It adds routes whose views carry `@declare(...)`, asks
`here()` for who calls (`.actor`, `.access`, `.records`, `.release`, `.language`), notes what it shows with
`here().seen(kind, object_id, ids)`, and raises `HttpProblem(code)` for what it refuses. Screens also set
`site_of(app).error_page` and put `csrf_token()` of `runtime.web.csrf` into their forms.
"""
