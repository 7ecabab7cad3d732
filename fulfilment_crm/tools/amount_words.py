"""Amounts in words: Chinese financial capitals; every other language by num2words through Odoo's currencies."""
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_name

DIGITS = '零壹贰叁肆伍陆柒捌玖'
UNITS = ((100_000_000, '亿'), (10_000, '万'), (1_000, '仟'), (100, '佰'), (10, '拾'))


def chinese_integer(number):
    """A whole number in Chinese financial capitals.

    :param int number: 0 or more
    :return: for example 壹万零伍 for 10005
    """
    for size, unit in UNITS:
        if number >= size:
            high, low = divmod(number, size)
            gap = '零' if low and low < size // 10 else ''
            return chinese_integer(high) + unit + gap + (chinese_integer(low) if low else '')
    return DIGITS[number]


def chinese_amount(amount, prefix='人民币'):
    """An amount of money in Chinese financial capitals, as contracts and cheques in China write it.

    Source: the rules for filling in bills and settlement vouchers (正确填写票据和结算凭证的基本规定).

    :param amount: number, in yuan; rounded half up to the fen; negative for credits
    :param str prefix: what stands before the figures
    :return: for example 人民币壹拾万元壹角整 for 100000.10
    """
    fen_total = int((abs(Decimal(str(amount))) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    sign = '负' if amount < 0 and fen_total else ''
    yuan, rest = divmod(fen_total, 100)
    jiao, fen = divmod(rest, 10)
    text = chinese_integer(yuan) + '元' if yuan or not rest else ''
    if jiao:
        text += DIGITS[jiao] + '角'
    elif fen and yuan:
        text += '零'
    text += DIGITS[fen] + '分' if fen else '整'
    return prefix + sign + text


def amount_in_words(currency, amount, lang):
    """An amount in words in the given language.

    :param currency: ``res.currency`` record
    :param float amount: in that currency; negative for credits
    :param str lang: language code such as ``zh_CN``
    """
    currency = currency.with_context(lang=lang)
    amount = currency.round(amount)
    if (lang or '').startswith('zh'):
        return chinese_amount(amount, get_currency_name(currency.name, locale='zh_CN'))
    words = currency.amount_to_text(abs(amount))
    return currency.env._("Minus %(words)s", words=words) if amount < 0 else words
