"""What runs: started, switched and restarted when it has to be."""
