// From expressions of a program to JavaScript. A helper (`R.`) is called only where the fast way of
// numbers, strings and tables without metatable is left. `$l` holds the line for errors: set once a
// statement, or before each operation where a statement is spread over several lines.

import type {
  BinaryExpression,
  CallExpression,
  Expression,
  FunctionState,
  IndexExpression,
  MethodExpression,
  TableExpression,
} from './ast.ts';
import { CompilerBase, nameOf, quoted } from './compile-base.ts';
import { ARITHMETIC, isConstant, isMulti } from './naming.ts';
import { FLUSH_ITEMS, roundedSize } from './runtime.ts';

function numberCode(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '(-Infinity)';
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : `${value}`;
}

export abstract class ExpressionCompiler extends CompilerBase {
  protected abstract compileFunction(state: FunctionState): string;

  // --- values

  /** One value. */
  protected value(expression: Expression): string {
    switch (expression.kind) {
      case 'nil':
        return 'undefined';
      case 'true':
      case 'false':
        return expression.kind;
      case 'number':
        return numberCode(expression.value);
      case 'string':
        return quoted(expression.value);
      case 'dots':
        return '$va[0]';
      case 'function': {
        const { setsLines } = this;
        const code = this.compileFunction(expression.state);
        this.setsLines = setsLines;
        return code;
      }
      case 'local':
      case 'upvalue':
        return nameOf(expression.variable);
      case 'global':
        return this.finished(
          this.atLine(expression.line, `global($E.t,${this.hints(1)},${quoted(expression.name)})`),
          'R.first',
        );
      case 'index':
        return this.#index(expression);
      case 'call':
      case 'method':
        return this.first(this.call(expression));
      case 'binary':
        return this.#binary(expression);
      case 'unary':
        return this.#unary(expression);
      case 'and':
      case 'or':
        return this.#logic(expression);
      case 'paren':
        return this.value(expression.inner);
      case 'table':
        return this.#table(expression);
    }
  }

  /** A JavaScript boolean. */
  protected truth(expression: Expression): string {
    if (this.typeOf(expression) === 'boolean') return this.value(expression);
    switch (expression.kind) {
      case 'nil':
        return 'false';
      case 'number':
      case 'string':
        return 'true';
      case 'local':
      case 'upvalue': {
        const name = nameOf(expression.variable);
        return `(${name}!==undefined&&${name}!==false)`;
      }
      case 'paren':
        return this.truth(expression.inner);
      case 'and':
        return `(${this.truth(expression.left)}&&${this.truth(expression.right)})`;
      case 'or':
        return `(${this.truth(expression.left)}||${this.truth(expression.right)})`;
      default: {
        const code = this.value(expression);
        const name = this.take();
        this.release(name);
        return `((${name}=${code})!==undefined&&${name}!==false)`;
      }
    }
  }

  #logic({ kind, left, right }: Extract<Expression, { kind: 'and' | 'or' }>): string {
    if (this.typeOf(left) === 'boolean') {
      return `(${this.value(left)}${kind === 'and' ? '&&' : '||'}${this.value(right)})`;
    }
    const code = this.value(left);
    const name = this.take();
    const isTrue = `(${name}=${code})!==undefined&&${name}!==false`;
    const other = this.value(right);
    this.release(name);
    return kind === 'and' ? `(${isTrue}?${other}:${name})` : `(${isTrue}?${name}:${other})`;
  }

  #index(expression: IndexExpression): string {
    const { object, key, line } = expression;
    if (object.kind === 'global' && this.#isShort() && !this.mayFail(key)) {
      return `J($E.t,${this.hints(1)},${quoted(object.name)},${this.value(key)})`;
    }
    const helper = key.kind === 'string' ? `field(${this.hints(1)},` : 'index(';
    const described = this.described(object);
    if (!this.setsLines || (!this.mayFail(object) && !this.mayFail(key))) {
      const code = `${helper}${this.value(object)},${this.value(key)}${described})`;
      return this.finished(this.atLine(line, code), 'R.first');
    }
    const kept = this.take();
    const objectCode = this.value(object);
    const keptKey = this.take();
    const keyCode = this.value(key);
    this.release(keptKey);
    this.release(kept);
    const code = `(${kept}=${objectCode},${keptKey}=${keyCode},$l=${line},${helper}${kept},${keptKey}${described}))`;
    return this.finished(code, 'R.first');
  }

  // --- operators

  /** Evaluates two operands, and hands their names to `use`. */
  #operands(left: Expression, right: Expression, use: (a: string, b: string) => string): string {
    let before = '';
    const used: string[] = [];
    const isSimpleRight = !this.mayFail(right);
    const name = (operand: Expression, isDirect: boolean): string => {
      if (isDirect) return this.value(operand);
      const kept = this.take();
      used.push(kept);
      before += `${kept}=${this.value(operand)},`;
      return kept;
    };
    const isLate = left.kind === 'local' || isConstant(left);
    const a = name(left, isLate || (left.kind === 'upvalue' && isSimpleRight));
    const b = name(right, right.kind === 'local' || right.kind === 'upvalue' || isConstant(right));
    const code = use(a, b);
    for (const kept of used.reverse()) this.release(kept);
    return before === '' ? code : `(${before}${code})`;
  }

  #binary(expression: BinaryExpression): string {
    const { op, left, right, line } = expression;
    if (op in ARITHMETIC) return this.#arithmetic(expression);
    switch (op) {
      case '..':
        return this.#operands(left, right, (a, b) =>
          this.finished(
            this.atLine(line, `concat(${a},${b}${this.described(left, right)})`),
            'R.first',
          ),
        );
      case '==':
      case '~=':
        return this.#equality(expression, op === '~=');
      default:
        return this.#comparison(expression);
    }
  }

  #arithmetic({ op, left, right, line }: BinaryExpression): string {
    return this.#operands(left, right, (a, b) => {
      let fast = `${a}${op}${b}`;
      if (op === '%') fast = `mod(${a},${b})`;
      if (op === '^') fast = `pow(${a},${b})`;
      if (op === '-') fast = `${a}- ${b}`;
      const checks: string[] = [];
      if (this.typeOf(left) !== 'number') checks.push(`typeof ${a}==='number'`);
      if (this.typeOf(right) !== 'number') checks.push(`typeof ${b}==='number'`);
      if (checks.length === 0) return `(${fast})`;
      const helper = `R.arith(${ARITHMETIC[op]},${a},${b}${this.described(left, right)})`;
      const slow = this.finished(`($l=${line},${helper})`, 'R.first');
      return `(${checks.join('&&')}?${fast}:${slow})`;
    });
  }

  #equality({ left, right, line }: BinaryExpression, isNegated: boolean): string {
    const isExact = isConstant(left) || isConstant(right);
    return this.#operands(left, right, (a, b) => {
      if (isExact) return `(${a}${isNegated ? '!==' : '==='}${b})`;
      const code = this.finished(this.atLine(line, `equal(${a},${b})`), 'R.truth');
      return isNegated ? `(!${code})` : code;
    });
  }

  #comparison({ op, left, right, line }: BinaryExpression): string {
    return this.#operands(left, right, (a, b) => {
      const checks: string[] = [];
      if (this.typeOf(left) !== 'number') checks.push(`typeof ${a}==='number'`);
      if (this.typeOf(right) !== 'number') checks.push(`typeof ${b}==='number'`);
      if (checks.length === 0) return `(${a}${op}${b})`;
      // `a > b` is `b < a`.
      const isSwapped = op === '>' || op === '>=';
      const helper = op === '<' || op === '>' ? 'R.less' : 'R.lessEqual';
      const [first, second] = isSwapped ? [b, a] : [a, b];
      const slow = this.finished(`($l=${line},${helper}(${first},${second}))`, 'R.truth');
      return `(${checks.join('&&')}?${a}${op}${b}:${slow})`;
    });
  }

  #unary({ op, operand, line }: Extract<Expression, { kind: 'unary' }>): string {
    if (op === 'not') return `(!${this.truth(operand)})`;
    const described = this.described(operand);
    const isDirect = !this.mayFail(operand) && operand.kind !== 'function';
    const code = this.value(operand);
    const name = isDirect ? code : this.take();
    if (!isDirect) this.release(name);
    const before = isDirect ? '' : `${name}=${code},`;
    if (op === '#') {
      const helper = this.atLine(line, `length(${name}${described})`);
      return `(${before}${this.finished(helper, 'R.first')})`;
    }
    if (this.typeOf(operand) === 'number') return `(${before}- ${name})`;
    const slow = this.finished(`($l=${line},R.negate(${name}${described}))`, 'R.first');
    return `(${before}typeof ${name}==='number'?-${name}:${slow})`;
  }

  // --- tables

  #table({ items, fields, order }: TableExpression): string {
    const last = items.at(-1);
    // Only the very last entry is spread.
    const spreads = isMulti(last) && order.at(-1) === items.length - 1;
    const counted = spreads ? items.length - 1 : items.length;
    const sizes = `${roundedSize(counted)},${roundedSize(fields.length)}`;
    if (fields.length === 0) {
      if (items.length === 0) return 'new T()';
      if (!spreads) return `R.items([${this.list(items, false)}],${roundedSize(counted)})`;
      return `R.itemsAndMore([${this.list(items)}],${roundedSize(counted)},${counted})`;
    }
    const table = this.take();
    const list = items.length > 0 ? this.take() : '';
    let code = `(${table}=new T(${sizes})`;
    if (list !== '') code += `,${list}=[]`;
    let stored = 0;
    let waiting = 0;
    for (const place of order) {
      if (place < 0) {
        const { key, value, line } = fields[-place - 1]!;
        const set = `${table}.set(${this.value(key)},${this.value(value)})`;
        code += `,${this.atLine(line, set)}`;
        continue;
      }
      if (waiting === FLUSH_ITEMS) {
        code += `,R.storeItems(${table},${list},${stored})`;
        stored += waiting;
        waiting = 0;
      }
      const item = items[place]!;
      const isSpread = spreads && place === items.length - 1;
      code += `,${list}.push(${isSpread ? this.list([item]) : this.value(item)})`;
      if (!isSpread) waiting++;
    }
    if (list !== '') code += `,R.storeItems(${table},${list},${stored})`;
    if (list !== '') this.release(list);
    this.release(table);
    return `${code},${table})`;
  }

  // --- lists of values

  /** Values separated by commas; the last may be several. */
  protected list(expressions: readonly Expression[], spreads = true): string {
    const last = expressions.length - 1;
    const codes = expressions.map((expression, i) => {
      if (i < last || !spreads || !isMulti(expression)) return this.value(expression);
      if (expression.kind === 'dots') return '...$va';
      return `...R.list(${this.call(expression as CallExpression)})`;
    });
    return codes.join(',');
  }

  /**
   * Exactly `count` values: statements that come before, and the code of each. Whoever uses the
   * codes releases what was taken.
   */
  protected adjust(
    expressions: readonly Expression[],
    count: number,
  ): { before: string; codes: string[]; release: () => void } {
    const last = expressions.at(-1);
    const kept: string[] = [];
    let before = '';
    const codes: string[] = [];
    const isShort = expressions.length < count && isMulti(last);
    const direct = isShort ? expressions.slice(0, -1) : expressions;
    for (const [i, expression] of direct.entries()) {
      const code = this.value(expression);
      if (expressions.length === 1 || !this.mayFail(expression)) {
        if (i < count) codes.push(code);
        else before += `${code};`;
        if (expression.kind !== 'upvalue' && expression.kind !== 'local') continue;
        codes.pop();
      }
      const name = this.take();
      kept.push(name);
      before += `${name}=${code};`;
      if (i < count) codes.push(name);
    }
    if (isShort && last !== undefined) {
      const code = last.kind === 'dots' ? '$va' : `R.list(${this.call(last as CallExpression)})`;
      const name = this.take();
      kept.push(name);
      before += `${name}=${code};`;
      for (let i = 0; codes.length < count; i++) codes.push(`${name}[${i}]`);
    }
    while (codes.length < count) codes.push('undefined');
    const release = (): void => {
      for (const name of kept.reverse()) this.release(name);
    };
    return { before, codes, release };
  }

  // --- calls

  /** A call with its results as they come. */
  protected call(call: CallExpression | MethodExpression): string {
    return this.finishCall(this.rawCall(call, ''));
  }

  /**
   * The call itself, before a generator that it gave back has run. Right before it `$l` is set to
   * its site, which tells line and name to errors.
   * @param sign `-` for a call in the place of a return.
   */
  protected rawCall(call: CallExpression | MethodExpression, sign: '' | '-'): string {
    const site = sign + this.site(call);
    // What takes this function's place must not be found at a line of it.
    const isTail = sign === '-';
    if (call.args.some((arg) => this.changesLine(arg, isTail))) return this.#splitCall(call, site);
    if (call.kind === 'method') return this.#splitCall(call, site);
    const { kind } = call.callee;
    if (kind === 'local' || kind === 'upvalue') {
      return `($l=${site},${this.#callee(call).callee}(${this.list(call.args)}))`;
    }
    const short = this.#shortCallee(call.callee);
    if (short !== null) return `${short},$l=${site})(${this.list(call.args)})`;
    // What the function is found by may fail at the statement's line, so the site comes behind it.
    const described = this.described(call.callee) || ',undefined';
    return `F(${this.value(call.callee)}${described},$l=${site})(${this.list(call.args)})`;
  }

  /**
   * Helpers that find a function by the name of a global, or of a field of one. They fail at the
   * line of the call, so that must be the line of the statement.
   */
  #shortCallee(callee: Expression): string | null {
    if (!this.#isShort()) return null;
    if (callee.kind === 'global') return `Q($E.t,${this.hints(1)},${quoted(callee.name)}`;
    if (callee.kind !== 'index' || callee.object.kind !== 'global') return null;
    const { object, key } = callee;
    if (key.kind !== 'string') return null;
    return `P($E.t,${this.hints(2)},${quoted(object.name)},${quoted(key.value)}`;
  }

  /** In the plain form no helper gives back a generator. */
  #isShort(): boolean {
    return !this.options.givesWay && !this.setsLines;
  }

  /** The function of a call, and the object that it is a method of. */
  #callee(call: CallExpression | MethodExpression): { callee: string; receiver: string | null } {
    if (call.kind === 'call') {
      const described = this.described(call.callee);
      const code = this.value(call.callee);
      const isDirect = call.callee.kind === 'local' || call.callee.kind === 'upvalue';
      const name = isDirect ? code : this.take();
      if (!isDirect) this.release(name);
      const asked = isDirect ? name : `(${name}=${code})`;
      const callee = `(typeof ${asked}==='function'?${name}:R.callable(${name}${described}))`;
      return { callee, receiver: null };
    }
    const object = this.value(call.object);
    const receiver = this.take();
    const method = this.take();
    const name = quoted(call.name);
    const found = this.finished(
      this.atLine(
        call.line,
        `field(${this.hints(1)},${receiver},${name}${this.described(call.object)})`,
      ),
      'R.first',
    );
    this.release(method);
    this.release(receiver);
    const what = quoted(`method '${call.name}'`);
    const callee =
      `(${receiver}=${object},typeof (${method}=${found})==='function'?${method}:` +
      `R.callable(${method},${what}))`;
    return { callee, receiver };
  }

  /** The same with function and arguments evaluated first, then the line set, then the call. */
  #splitCall(call: CallExpression | MethodExpression, site: string): string {
    const used: string[] = [];
    let before = '';
    const keep = (code: string): string => {
      const name = this.take();
      used.push(name);
      before += `${name}=${code},`;
      return name;
    };
    const { callee, receiver } = this.#callee(call);
    const args: string[] = [];
    if (receiver !== null) {
      // The temporary of the receiver is free again, and so it is the next to be taken.
      used.push(this.take());
      args.push(receiver);
    }
    const calleeName = keep(callee);
    const last = call.args.length - 1;
    for (const [i, arg] of call.args.entries()) {
      if (!this.mayFail(arg) && arg.kind !== 'dots') args.push(this.value(arg));
      else if (i === last && isMulti(arg)) args.push(`...${keep(`[${this.list([arg])}]`)}`);
      else args.push(keep(this.value(arg)));
    }
    for (const name of used.reverse()) this.release(name);
    return `(${before}$l=${site},${calleeName}(${args.join(',')}))`;
  }

  // --- assignments

  protected storeName(target: Expression, value: string): string {
    if (target.kind === 'global') {
      const name = quoted(target.name);
      return this.#finishStore(this.atLine(target.line, `setIndex($E.t,${name},${value})`));
    }
    if (target.kind === 'local' || target.kind === 'upvalue') {
      return `${nameOf(target.variable)}=${value}`;
    }
    return value;
  }

  protected storeIndex(target: Expression, object: string, key: string, value: string): string {
    if (target.kind !== 'index') return '';
    const described = this.described(target.object);
    return this.#finishStore(
      this.atLine(target.line, `setIndex(${object},${key},${value}${described})`),
    );
  }

  #finishStore(code: string): string {
    if (!this.options.givesWay) return code;
    const name = this.take();
    this.release(name);
    return `((${name}=${code})instanceof G?yield*R.inner(${name}):0)`;
  }
}
