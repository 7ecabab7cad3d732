from . import contract_portal, reward_portal, thread, ticket_attachments, ticket_portal
