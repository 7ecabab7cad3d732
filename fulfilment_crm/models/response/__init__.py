# What others extend comes first.
from . import response_plan, response, response_step, response_occasion
from . import alert_response, links, response_cron, response_start, working_hours
from . import audience
