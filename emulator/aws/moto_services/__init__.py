"""The boundary to moto: what it serves, what of its state is read, where it is made stricter."""
