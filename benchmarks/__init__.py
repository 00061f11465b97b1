"""Speed beside the plain way, in one run on one machine; not part of the installed package."""
