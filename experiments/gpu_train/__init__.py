"""One training on a borrowed GPU: planned and packed here, trained and measured there."""
