"""Tools of the makers of kelisim; not part of the package."""
