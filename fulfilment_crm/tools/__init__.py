from . import allocation, amount_words, placeholders
