"""The acceptance stories, played over HTTP by the demo county's people."""
