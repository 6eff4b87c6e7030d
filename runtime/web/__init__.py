"""What API and screens share: the application, the state of a request, declared routes, headers, errors."""
