"""What lynis(8) and ssh-audit(1) say of a host before and after its bootstrap."""
