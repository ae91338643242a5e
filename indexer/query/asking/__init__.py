"""Questions in words: what they are about, which versions they mean, and the answer that fits their kind."""
