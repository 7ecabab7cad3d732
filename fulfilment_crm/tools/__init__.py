from . import allocation, amount_words, china_days, placeholders, sheet
