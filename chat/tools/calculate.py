"""
Arithmetic that a model should not do in its head: exact, in decimals.

The expression is read by Python's parser and walked by hand: numbers, six operators and four functions, nothing else.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow

from askacme.lib.errors import InvalidArguments
from chat.tools.values import Call, ToolResult
from governance.gateway.types import ToolSpec

MAX_CHARS = 200
MAX_EXPONENT = 256
DIGITS = 40
LARGEST = 10**100
SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%(?=\s*(?:$|[-+*/),]|of\b))")
OF = re.compile(r"\bof\b")
SPEC = ToolSpec(
    name="calculate",
    description=(
        "Calculates exactly. Use it for every calculation. Numbers without thousands separators; + - * / % (remainder)"
        " ** and parentheses; round(x, digits), min(…), max(…), abs(x); `15% of 80` and `0.5 * 20%` work."
    ),
    parameters={
        "type": "object",
        "properties": {
            "expression": {"type": "string", "title": "Calculation", "minLength": 1, "maxLength": MAX_CHARS}
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
)
_context = Context(
    prec=DIGITS, rounding=ROUND_HALF_UP, Emax=400, Emin=-400, traps=[DivisionByZero, InvalidOperation, Overflow]
)


async def run(call: Call) -> ToolResult:
    expression = str(call.arguments["expression"])
    data = {"expression": expression, "result": in_digits(calculate(expression))}
    return ToolResult(json.dumps(data, ensure_ascii=False), data)


def calculate(expression: str) -> Decimal:
    """
    The value, to forty digits; a half is rounded up, as people do.

    Raises InvalidArguments for what is no arithmetic, and for numbers beyond all use.
    """
    if len(expression) > MAX_CHARS:
        raise InvalidArguments(f"The calculation is longer than {MAX_CHARS} characters.")
    source = OF.sub("*", SHARE.sub(r"(\1/100)", expression.strip()))
    try:
        value = _value(ast.parse(source, mode="eval").body, source)
    except DivisionByZero:
        raise InvalidArguments("This divides by zero.") from None
    except DecimalException as error:
        raise InvalidArguments("The numbers are too large, or this has no value.") from error
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise InvalidArguments("This is no calculation: write numbers, + - * / % ** and parentheses.") from error
    return value


def in_digits(value: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    digits = f"{value:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _value(node: ast.expr, source: str) -> Decimal:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return _bounded(_context.create_decimal((ast.get_source_segment(source, node) or "").replace("_", "")))
        case ast.UnaryOp(op=ast.USub()):
            return _context.minus(_value(node.operand, source))
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand, source)
        case ast.BinOp() if type(node.op) in _OPERATORS:
            return _bounded(_OPERATORS[type(node.op)](_value(node.left, source), _value(node.right, source)))
        case ast.Call(func=ast.Name(id=name), keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name]([_value(argument, source) for argument in node.args])
    raise InvalidArguments(
        "Only numbers, + - * / % ** and round, min, max, abs are understood; no names, no attributes."
    )


def _bounded(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise InvalidArguments("The numbers are too large.")
    return value


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    if abs(exponent) > MAX_EXPONENT:
        raise InvalidArguments(f"The exponent is too large: at most {MAX_EXPONENT}.")
    return _context.power(base, exponent)


def _round(values: Sequence[Decimal]) -> Decimal:
    if not 1 <= len(values) <= 2:
        raise InvalidArguments("round takes a number, and how many digits stay behind the point.")
    digits = values[1] if len(values) == 2 else Decimal(0)
    if digits != digits.to_integral_value() or not 0 <= digits <= 20:
        raise InvalidArguments("round keeps 0 to 20 digits.")
    return values[0].quantize(Decimal(1).scaleb(-int(digits)), context=_context)


def _some(function: Callable[[Sequence[Decimal]], Decimal]) -> Callable[[Sequence[Decimal]], Decimal]:
    def checked(values: Sequence[Decimal]) -> Decimal:
        if not values:
            raise InvalidArguments("min and max take at least one number.")
        return function(values)

    return checked


def _abs(values: Sequence[Decimal]) -> Decimal:
    if len(values) != 1:
        raise InvalidArguments("abs takes one number.")
    return _context.abs(values[0])


_OPERATORS: Mapping[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: _context.add,
    ast.Sub: _context.subtract,
    ast.Mult: _context.multiply,
    ast.Div: _context.divide,
    ast.Mod: _context.remainder,
    ast.Pow: _power,
}
_FUNCTIONS: Mapping[str, Callable[[Sequence[Decimal]], Decimal]] = {
    "round": _round,
    "min": _some(min),
    "max": _some(max),
    "abs": _abs,
}
