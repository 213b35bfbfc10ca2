"""What goes wrong between 'approved' and 'done': faults on every route, kills at every write, limits that are held."""
