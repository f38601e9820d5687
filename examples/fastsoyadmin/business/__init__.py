"""What this company does. Its modules never import each other; they may import the system."""
