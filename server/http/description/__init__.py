"""What the faces offer, described for machines and for people."""
