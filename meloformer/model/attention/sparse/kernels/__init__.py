"""The kernels, in Triton. `launch` and `tiles` call them, and say with what."""
