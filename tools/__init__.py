"""What builds and documents the product and is not part of it; run from the checkout, never installed."""
