from . import top_ten
