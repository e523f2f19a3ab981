"""What the black-box tests share: real servers as children, faults between them, and a plain HTTP client."""
