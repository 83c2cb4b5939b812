// Arithmetic as C does it where JavaScript differs.

/** `a % b`: the sign of the divisor. */
export function roundDown(a: number, b: number): number {
  return a - Math.floor(a / b) * b;
}

/** C's pow: 1 to any power is 1, and so is -1 to an infinite one. */
function power(a: number, b: number): number {
  if (a === 1) return 1;
  if (a === -1 && (b === Number.POSITIVE_INFINITY || b === Number.NEGATIVE_INFINITY)) return 1;
  return a ** b;
}

/** @param op 0 to 5: + - * / % ^ */
export function arithmetic(op: number, a: number, b: number): number {
  switch (op) {
    case 0:
      return a + b;
    case 1:
      return a - b;
    case 2:
      return a * b;
    case 3:
      return a / b;
    case 4:
      return roundDown(a, b);
    default:
      return power(a, b);
  }
}
