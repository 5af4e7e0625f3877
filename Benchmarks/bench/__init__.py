"""What Murmuration costs, measured on this machine."""
