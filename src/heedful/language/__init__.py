"""What texts say: annotators read them, each adding columns of its own."""
