/** `$((…))`: C's integer operators over shell variables, 32 bits wide as in mksh. */

const TOKEN = /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^?:()=])/y;
const BINARY: Record<string, [precedence: number, apply: (a: number, b: number) => number]> = {
  "||": [1, (a, b) => +(a !== 0 || b !== 0)],
  "&&": [2, (a, b) => +(a !== 0 && b !== 0)],
  "|": [3, (a, b) => a | b],
  "^": [4, (a, b) => a ^ b],
  "&": [5, (a, b) => a & b],
  "==": [6, (a, b) => +(a === b)],
  "!=": [6, (a, b) => +(a !== b)],
  "<": [7, (a, b) => +(a < b)],
  ">": [7, (a, b) => +(a > b)],
  "<=": [7, (a, b) => +(a <= b)],
  ">=": [7, (a, b) => +(a >= b)],
  "<<": [8, (a, b) => a << b],
  ">>": [8, (a, b) => a >> b],
  "+": [9, (a, b) => a + b],
  "-": [9, (a, b) => a - b],
  "*": [10, (a, b) => Math.imul(a, b)],
  "/": [10, (a, b) => Math.trunc(a / nonZero(b))],
  "%": [10, (a, b) => a % nonZero(b)],
};

export class ArithmeticError extends Error {}

function nonZero(value: number): number {
  if (value === 0) throw new ArithmeticError("division by zero");
  return value;
}

/** @throws ArithmeticError */
export function evaluate(text: string, variable: (name: string) => string): number {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let end = 0; end < text.trimEnd().length; end = TOKEN.lastIndex) {
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined || tokens.length > 1000) throw new ArithmeticError(`${text}: unexpected token`);
    tokens.push(token);
  }
  let at = 0;
  const take = (token: string): boolean => (tokens[at] === token ? Boolean(++at) : false);
  const unary = (): number => {
    if (take("-")) return -unary() | 0;
    if (take("+")) return unary();
    if (take("!")) return +(unary() === 0);
    if (take("~")) return ~unary();
    if (take("(")) {
      const inner = ternary();
      if (!take(")")) throw new ArithmeticError(`${text}: missing )`);
      return inner;
    }
    const token = tokens[at++];
    if (token === undefined || !/^\w/.test(token)) throw new ArithmeticError(`${text}: unexpected '${token ?? "end"}'`);
    return (/^\d/.test(token) ? Number(token) : Number.parseInt(variable(token) || "0", 10) || 0) | 0;
  };
  const binary = (least: number): number => {
    let left = unary();
    for (;;) {
      const operator = BINARY[tokens[at] ?? ""];
      if (!operator || operator[0] < least) return left;
      at++;
      left = operator[1](left, binary(operator[0] + 1)) | 0;
    }
  };
  const ternary = (): number => {
    const condition = binary(1);
    if (!take("?")) return condition;
    const yes = ternary();
    if (!take(":")) throw new ArithmeticError(`${text}: missing :`);
    const no = ternary();
    return condition !== 0 ? yes : no;
  };
  const result = tokens.length === 0 ? 0 : ternary();
  if (at < tokens.length) throw new ArithmeticError(`${text}: unexpected '${tokens[at]}'`);
  return result;
}
