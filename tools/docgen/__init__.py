"""The maker of generated pages."""
