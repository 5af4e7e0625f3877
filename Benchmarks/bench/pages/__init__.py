"""What the page of `murmur web` costs its readers, and the coordinator that it shows."""
