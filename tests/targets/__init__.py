"""What an update reaches, on files as people write them."""
