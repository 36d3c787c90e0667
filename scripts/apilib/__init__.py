"""What `scripts/api` is made of: what schemathesis is told of this API, and checks of our own."""
