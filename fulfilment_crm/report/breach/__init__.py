from . import breach_sheet, check_bundle, exhibits
