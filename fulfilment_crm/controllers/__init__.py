from . import attachments, portal, portal_rewards, portal_tickets, thread
