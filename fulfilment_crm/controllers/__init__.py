from . import (
    breach_check,
    breach_portal,
    collection_owed,
    collection_portal,
    contract_portal,
    links,
    reward_portal,
    thread,
    ticket_attachments,
    ticket_portal,
)
