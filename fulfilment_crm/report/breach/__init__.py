from . import breach_sheet
