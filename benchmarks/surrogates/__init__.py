"""What each policy of surrogates hides, and what it costs: an attack on redacted notes."""
