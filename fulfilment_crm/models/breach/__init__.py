from . import audience, settings, reference_rate, suspension
from . import damages, damages_terms, damages_accrual, damages_flow, damages_waiver, damages_objection, damages_cron, switch, own_delay
from . import breach_cause, breach_rule, breach, breach_flow, breach_cron, breach_analysis, notice, figures, links
from . import legal_tariff, legal_step, court_silence, claim_account, limitation
from . import warning_replay, evidence, attachment, document, event_check
