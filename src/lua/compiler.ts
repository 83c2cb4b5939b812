// From the tree of a program to JavaScript: functions and statements. Expressions are
// compile-expression.ts. There are two forms of every program: the plain one, of ordinary
// functions, and the one that gives way, of generators. See docs/internals/lua.md.

import type {
  CallExpression,
  Expression,
  FunctionState,
  IfBranch,
  LocalVariable,
  MethodExpression,
  Statement,
} from './ast.ts';
import { type HintCounter, nameOf } from './compile-base.ts';
import { ExpressionCompiler } from './compile-expression.ts';
import type { CallSite } from './naming.ts';

export interface CompileOptions {
  /** The form of generators. */
  readonly givesWay: boolean;
  /** Functions keep note of their environments: for getfenv and setfenv with a level. */
  readonly tracksEnvironments: boolean;
}

/** Bytes of JavaScript's stack that a frame is counted with, besides its variables. */
const FRAME_BYTES = 150;
const VARIABLE_BYTES = 12;

/** @returns the source of a JavaScript expression, the main function, which needs `prelude`. */
export function compileMain(
  main: FunctionState,
  options: CompileOptions,
): { code: string; sites: readonly CallSite[]; hintCount: number } {
  const sites: CallSite[] = [];
  const counter = { count: 0 };
  const code = new FunctionCompiler(main, options, sites, counter).compile();
  return { code, sites, hintCount: counter.count };
}

class FunctionCompiler extends ExpressionCompiler {
  readonly #state: FunctionState;
  #cost = 1;

  constructor(
    state: FunctionState,
    options: CompileOptions,
    sites: CallSite[],
    counter: HintCounter,
  ) {
    super(options, sites, counter);
    this.#state = state;
    if (options.givesWay) return;
    this.#cost = FRAME_BYTES + VARIABLE_BYTES * (state.localCount + 2 * state.callCount);
  }

  protected compileFunction(state: FunctionState): string {
    const code = new FunctionCompiler(state, this.options, this.sites, this.counter).compile();
    return this.options.givesWay ? `R.closure($E,$E=>${code})` : code;
  }

  compile(): string {
    const state = this.#state;
    const { givesWay, tracksEnvironments } = this.options;
    const parameters = state.parameters.map(nameOf);
    if (state.isVararg) parameters.push('...$va');
    let body = '';
    if (state.argTable !== null) {
      body += `let ${nameOf(state.argTable)}=${state.usesDots ? 'undefined' : 'R.argTable($va)'};`;
    }
    body += this.#block(state.body);
    if (state.body.at(-1)?.kind !== 'return') body += `${this.#leave()}return N;`;
    const temporaries = this.temporaryNames();
    const declared = temporaries.length > 0 ? `,${temporaries.join(',')}` : '';
    const enter = givesWay
      ? 'if(++S.depth>S.maxDepth)R.tooDeep();'
      : `if((S.depth+=${this.#cost})>S.maxDepth)R.tooDeep();`;
    // Asked inside, so that a function that was called in the place of a return can say where.
    const ask = givesWay ? 'if(--S.budget<0)yield*R.give();' : 'if(--S.budget<0)R.tick();';
    const position = 'catch($e){throw R.at($e,$l,C)}';
    const guard = tracksEnvironments
      ? `const $n=S.environments.length;S.environments.push($E);try{${ask}${body}}${position}` +
        'finally{S.environments.length=$n}'
      : `try{${ask}${body}}${position}`;
    const star = givesWay ? '*' : '';
    const head = `function${star}(${parameters.join(',')})`;
    return `${head}{${enter}let $l=${state.lineDefined}${declared};${guard}}`;
  }

  /** The function's depth is given back before it returns. */
  #leave(): string {
    return this.options.givesWay ? 'S.depth--;' : `S.depth-=${this.#cost};`;
  }

  #backEdge(line: number): string {
    const ask = this.options.givesWay ? 'yield*R.give();' : 'R.tick();';
    return `if(--S.budget<0){$l=${line};${ask}}`;
  }

  #block(statements: readonly Statement[]): string {
    let code = '';
    for (const statement of statements) code += this.#statement(statement);
    return code;
  }

  #statement(statement: Statement): string {
    this.setsLines = statement.isSpread;
    const line = statement.isSpread ? '' : `$l=${statement.line};`;
    switch (statement.kind) {
      case 'local':
        return line + this.#local(statement.variables, statement.values);
      case 'assign':
        return line + this.#assign(statement.targets, statement.values);
      case 'call':
        return `${line}${this.call(statement.call as CallExpression | MethodExpression)};`;
      case 'do':
        return `{${this.#block(statement.body)}}`;
      case 'while': {
        const condition = this.#condition(statement.condition, statement.line);
        return `while(${condition}){${this.#backEdge(statement.line)}${this.#block(statement.body)}}`;
      }
      case 'repeat':
        return this.#repeat(statement);
      case 'if':
        return this.#if(statement.branches, 0);
      case 'for':
        return line + this.#numericFor(statement);
      case 'forin':
        return line + this.#genericFor(statement);
      case 'return':
        return line + this.#return(statement.values);
      case 'localfunction': {
        const name = nameOf(statement.variable);
        return `let ${name};${name}=${this.compileFunction(statement.state)};`;
      }
      case 'break':
        return 'break;';
    }
  }

  /** A condition that is asked when other lines may have run since. */
  #condition(condition: Expression, line: number): string {
    const code = this.truth(condition);
    return this.mayFail(condition) ? `($l=${line},${code})` : code;
  }

  #repeat(statement: Statement & { kind: 'repeat' }): string {
    const body = this.#block(statement.body);
    this.setsLines = statement.isSpread;
    const last = statement.body.at(-1)?.kind;
    const isEnded = last === 'break' || last === 'return';
    const condition = this.#condition(statement.condition, statement.endLine);
    return `for(;;){${this.#backEdge(statement.line)}${body}${isEnded ? '' : `if(${condition})break;`}}`;
  }

  #if(branches: readonly IfBranch[], index: number): string {
    let code = '';
    for (let i = index; i < branches.length; i++) {
      const { condition, line, body } = branches[i]!;
      if (i > index) code += 'else ';
      if (condition === null) code += `{${this.#block(body)}}`;
      else {
        this.setsLines = true;
        code += `if(${this.#condition(condition, line)}){${this.#block(body)}}`;
      }
    }
    return code;
  }

  #local(variables: readonly LocalVariable[], values: readonly Expression[]): string {
    const first = values[0];
    if (variables.length === 1 && values.length === 1 && first !== undefined) {
      const [variable] = variables;
      const code = this.value(first);
      if (!variable!.isAssigned && this.typeOf(first) === 'number') this.numbers.add(variable!);
      return `let ${nameOf(variable!)}=${code};`;
    }
    const { before, codes, release } = this.adjust(values, variables.length);
    const declared = variables.map((variable, i) => `${nameOf(variable)}=${codes[i]}`);
    release();
    return `${before}let ${declared.join(',')};`;
  }

  #assign(targets: readonly Expression[], values: readonly Expression[]): string {
    if (targets.length === 1 && values.length === 1) {
      return `${this.#store(targets[0]!, values[0]!)};`;
    }
    const used: string[] = [];
    const keep = (code: string): string => {
      const name = this.take();
      used.push(name);
      before += `${name}=${code};`;
      return name;
    };
    let before = '';
    const places = targets.map((target) => {
      if (target.kind !== 'index') return null;
      const object = keep(this.value(target.object));
      return { object, key: keep(this.value(target.key)) };
    });
    const adjusted = this.adjust(values, targets.length);
    before += adjusted.before;
    const kept = adjusted.codes.map(keep);
    adjusted.release();
    let code = before;
    for (let i = targets.length - 1; i >= 0; i--) {
      const target = targets[i]!;
      const place = places[i];
      code += place
        ? `${this.storeIndex(target, place.object, place.key, kept[i]!)};`
        : `${this.storeName(target, kept[i]!)};`;
    }
    for (const name of used.reverse()) this.release(name);
    return code;
  }

  #store(target: Expression, value: Expression): string {
    if (target.kind !== 'index') return this.#storeName(target, value);
    const mayMove = [target.object, target.key, value].some((part) => this.mayFail(part));
    if (!mayMove || !this.setsLines) {
      return this.storeIndex(
        target,
        this.value(target.object),
        this.value(target.key),
        this.value(value),
      );
    }
    const object = this.take();
    const key = this.take();
    const kept = this.take();
    const code =
      `(${object}=${this.value(target.object)},${key}=${this.value(target.key)},` +
      `${kept}=${this.value(value)},${this.storeIndex(target, object, key, kept)})`;
    this.release(kept);
    this.release(key);
    this.release(object);
    return code;
  }

  /** The line of the value is not that of the name. */
  #storeName(target: Expression, value: Expression): string {
    const code = this.value(value);
    if (target.kind !== 'global' || !this.setsLines || !this.mayFail(value)) {
      return this.storeName(target, code);
    }
    const kept = this.take();
    this.release(kept);
    return `(${kept}=${code},${this.storeName(target, kept)})`;
  }

  #numericFor(statement: Statement & { kind: 'for' }): string {
    const { variable, start, limit, step, doLine } = statement;
    const name = nameOf(variable);
    const from = `$s${variable.id}`;
    const to = `$m${variable.id}`;
    const by = step === null ? '1' : `$t${variable.id}`;
    let code = `{let ${from}=${this.value(start)},${to}=${this.value(limit)}`;
    if (step !== null) code += `,${by}=${this.value(step)}`;
    code += ';';
    code += this.#forNumber(from, start, 'initial value', doLine);
    code += this.#forNumber(to, limit, 'limit', doLine);
    if (step !== null) code += this.#forNumber(by, step, 'step', doLine);
    const isPlain = start.kind === 'number' && Number.isInteger(start.value) && step === null;
    if (!isPlain) code += `${from}=${from}-${by}+${by};`;
    const isShared = variable.isAssigned || variable.isCaptured;
    const counter = isShared ? `$i${variable.id}` : name;
    const goesOn =
      step === null || (step.kind === 'number' && step.value > 0)
        ? `${counter}<=${to}`
        : `(0<${by}?${counter}<=${to}:${to}<=${counter})`;
    if (!variable.isAssigned) this.numbers.add(variable);
    code += `for(let ${counter}=${from};${goesOn};${counter}+=${by}){${this.#backEdge(statement.line)}`;
    if (isShared) code += `let ${name}=${counter};`;
    return `${code}${this.#block(statement.body)}}}`;
  }

  #forNumber(name: string, value: Expression, what: string, line: number): string {
    if (this.typeOf(value) === 'number') return '';
    const convert = `${name}=R.forNumber(${name},"${what}")`;
    return `if(typeof ${name}!=='number'){$l=${line};${convert};}`;
  }

  #genericFor(statement: Statement & { kind: 'forin' }): string {
    const { variables, values, line, call: site } = statement;
    const id = variables[0]!.id;
    const [next, state, control, mode, place, layout, result] = [
      ...['f', 's', 'c', 'm', 'p', 'y', 'r'].map((letter) => `$${letter}${id}`),
    ];
    const { before, codes, release } = this.adjust(values, 3);
    const [iterator, ...others] = codes;
    let code = `{${before}let ${next}=${iterator},${state}=${others[0]},${control}=${others[1]},`;
    release();
    code += `${mode}=R.walkKind(${next},${state},${control}),${place}=0,${layout}=-1,${result};`;
    code += `for(;;){${this.#backEdge(line)}let ${variables.map(nameOf).join(',')};`;
    const [first, second] = variables.map(nameOf);
    // The walks of pairs and ipairs need no call.
    code +=
      `if(${mode}===1){if(${layout}!==${state}.layout){$l=${site.line};${place}=${state}.positionAfter(${control});` +
      `${layout}=${state}.layout;}if((${place}=${state}.seek(${place}))<0)break;` +
      `${first}=${control}=${state}.keyAt(${place});` +
      `${second === undefined ? '' : `${second}=${state}.valueAt(${place});`}${place}++;}`;
    code +=
      `else if(${mode}===2){if((${result}=${state}.get(++${control}))===undefined)break;` +
      `${first}=${control};${second === undefined ? '' : `${second}=${result};`}}`;
    const call = this.iteratorCall(`R.iterator(${next})(${state},${control})`);
    code += `else{$l=${this.site(site)};${result}=${call};if(A(${result})){`;
    code += variables.map((variable, i) => `${nameOf(variable)}=${result}[${i}];`).join('');
    code += `}else ${first}=${result};if(${first}===undefined)break;${control}=${first};}`;
    return `${code}${this.#block(statement.body)}}}`;
  }

  #return(values: readonly Expression[]): string {
    const leave = this.#leave();
    const [first] = values;
    if (first === undefined) return `${leave}return N;`;
    if (values.length === 1) {
      if (first.kind === 'call' || first.kind === 'method') return this.#tailCall(first, leave);
      if (first.kind === 'dots') return `${leave}return $va;`;
      const code = this.value(first);
      if (!this.mayFail(first)) return `${leave}return ${code};`;
      const kept = this.take();
      this.release(kept);
      return `${kept}=${code};${leave}return ${kept};`;
    }
    const kept = this.take();
    const code = `${kept}=[${this.list(values)}];${leave}return ${kept};`;
    this.release(kept);
    return code;
  }

  /** The function that is called takes the place of this one: errors do not show its line. */
  #tailCall(call: CallExpression | MethodExpression, leave: string): string {
    const code = this.rawCall(call, '-');
    const kept = this.take();
    this.release(kept);
    const finish = this.options.givesWay
      ? `if(${kept} instanceof G&&${kept}.isLibrary)${kept}=yield*${kept};`
      : '';
    return `${kept}=${code};${finish}${leave}return ${kept};`;
  }
}
