"""What people and programs meet: pages, their data, and the API."""
