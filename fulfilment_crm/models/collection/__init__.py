from . import audience, links
