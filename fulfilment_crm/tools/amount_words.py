"""Amounts in words: Chinese financial capitals; every other language by num2words through Odoo's currencies."""
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_name

DIGITS = '零壹贰叁肆伍陆柒捌玖'
PARTS = ('角', '分', '厘')
UNITS = ((100_000_000, '亿'), (10_000, '万'), (1_000, '仟'), (100, '佰'), (10, '拾'))


def chinese_integer(number: int) -> str:
    """Write a whole number in Chinese financial capitals.

    :param int number: 0 or more
    :return: for example 壹万零伍 for 10005
    """
    for size, unit in UNITS:
        if number >= size:
            high, low = divmod(number, size)
            gap = '零' if low and low < size // 10 else ''
            return chinese_integer(high) + unit + gap + (chinese_integer(low) if low else '')
    return DIGITS[number]


def chinese_amount(amount: float, prefix: str = '人民币', places: int = 2) -> str:
    """Write an amount of money in Chinese financial capitals, as contracts and cheques in China do.

    Source: the rules for filling in bills and settlement vouchers (正确填写票据和结算凭证的基本规定).

    :param amount: number, in yuan; rounded half up to the smallest unit; negative for credits
    :param str prefix: what stands before the figures
    :param int places: decimals of the currency, at most three: jiao, fen and li
    :return: for example 人民币壹拾万元壹角整 for 100000.10
    """
    places = min(max(places, 0), len(PARTS))
    total = int((abs(Decimal(str(amount))) * 10 ** places).quantize(Decimal(1), ROUND_HALF_UP))
    sign = '负' if amount < 0 and total else ''
    yuan, rest = divmod(total, 10 ** places)
    text = chinese_integer(yuan) + '元' if yuan or not rest else ''
    gap, smallest = False, ''
    for digit, unit in zip(f'{rest:0{places}d}' if rest else '', PARTS, strict=False):
        if digit == '0':
            gap = True
            continue
        text += ('零' if gap and text else '') + DIGITS[int(digit)] + unit
        gap, smallest = False, unit
    return prefix + sign + text + ('' if smallest in PARTS[1:] else '整')


def amount_in_words(currency: Any, amount: float, lang: str) -> str:
    """Write an amount in words in the given language.

    :param currency: ``res.currency`` record
    :param float amount: in that currency; negative for credits
    :param str lang: language code such as ``zh_CN``
    """
    currency = currency.with_context(lang=lang)
    amount = currency.round(amount)
    if (lang or '').startswith('zh'):
        return chinese_amount(amount, get_currency_name(currency.name, locale='zh_CN'), currency.decimal_places)
    words = currency.amount_to_text(abs(amount))
    return currency.env._("Minus %(words)s", words=words) if amount < 0 else words
