"""What is kept between runs and how: bundles, keys, the lock, frames as tables."""
