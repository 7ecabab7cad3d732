from . import audience, settings, review_plan, review, finding, process_check, days, file_change
from . import review_picture, review_facts, review_flow, review_cron, finding_flow, check_cron
from . import mechanism, mechanism_cron, handover, handover_flow, keeping, leaver, past, pattern, figures, links, switch
