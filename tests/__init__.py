"""Tests from outside: real processes, HTTP and API clients, and the tooling itself."""
