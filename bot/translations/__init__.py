"""The catalogs: kept whole and honest, and carried to translators and back."""
