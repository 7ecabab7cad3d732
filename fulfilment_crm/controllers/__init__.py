from . import attachments, portal, portal_tickets
