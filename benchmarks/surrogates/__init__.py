"""An attack on redacted notes, which measures what each surrogate policy hides."""
