# What others extend comes first.
from . import payment_forecast, cash_forecast, forecast_score
from . import forecast_cron, shown, switch
