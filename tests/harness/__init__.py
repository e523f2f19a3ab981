"""What the tests over real processes share: real servers as children, faults between them, an HTTP client."""
