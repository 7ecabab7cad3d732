from . import test_tools
from . import test_workday
from . import test_approval
from . import test_contract_flow
from . import test_milestone
from . import test_milestone_payment
from . import test_reminder
from . import test_performance
