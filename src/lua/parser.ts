// Statements of Lua 5.1: from words to the tree of ast.ts. Errors have the reference's words.
// https://www.lua.org/manual/5.1/manual.html#8

import type {
  Expression,
  FunctionState,
  IfBranch,
  LocalVariable,
  Statement,
  StatementBody,
} from './ast.ts';
import { ExpressionParser } from './expression-parser.ts';
import { shareZeros } from './zero-constants.ts';

/** Most variables on the left of one assignment, less the levels that are open. */
const MAX_TARGETS = 200;

/** @returns the main function of a program. @throws LuaError */
export function parse(source: string, chunkName: string): FunctionState {
  return new Parser(source, chunkName).parseChunk();
}

class Parser extends ExpressionParser {
  parseChunk(): FunctionState {
    const { lexer, scopes } = this;
    const state = scopes.openFunction(0);
    state.isVararg = true;
    state.usesDots = true;
    lexer.next();
    state.body = this.parseBody();
    if (lexer.type !== 'eof') throw lexer.syntaxError("'<eof>' expected");
    state.lastLine = lexer.line;
    scopes.closeFunction();
    if (this.signsZero) shareZeros(state);
    return state;
  }

  protected parseBody(): Statement[] {
    const statements: Statement[] = [];
    this.enterLevel();
    let isLast = false;
    while (!isLast && !this.#isBlockEnd()) {
      const statement = this.#statement();
      statements.push(statement);
      isLast = statement.kind === 'return' || statement.kind === 'break';
      if (this.lexer.is(';')) this.lexer.next();
    }
    this.leaveLevel();
    return statements;
  }

  #isBlockEnd(): boolean {
    const { lexer } = this;
    if (lexer.type !== 'word') return lexer.type === 'eof';
    const { text } = lexer;
    return text === 'else' || text === 'elseif' || text === 'end' || text === 'until';
  }

  /** A block of its own scope. */
  #block(isLoop = false): Statement[] {
    this.scopes.openBlock(isLoop);
    const statements = this.parseBody();
    this.scopes.closeBlock();
    return statements;
  }

  #statement(): Statement {
    const { line } = this.lexer;
    const outer = this.lines;
    this.lines = { first: line, isSpread: false };
    const statement = this.#statementBody(line) as {
      -readonly [K in keyof Statement]: Statement[K];
    };
    // Quicker than to copy it.
    statement.line = line;
    statement.isSpread = this.lines.isSpread;
    this.lines = outer;
    return statement as Statement;
  }

  #statementBody(line: number): StatementBody {
    const { lexer } = this;
    const word = lexer.type === 'word' ? lexer.text : '';
    switch (word) {
      case 'if':
        return this.#if(line);
      case 'while':
        return this.#while(line);
      case 'do': {
        lexer.next();
        const body = this.#block();
        this.expectClosing('end', 'do', line);
        return { kind: 'do', body };
      }
      case 'for':
        return this.#for(line);
      case 'repeat':
        return this.#repeat(line);
      case 'function':
        return this.#function(line);
      case 'local':
        lexer.next();
        if (!lexer.is('function')) return this.#local();
        lexer.next();
        return this.#localFunction();
      case 'return':
        return this.#return();
      case 'break':
        lexer.next();
        if (!this.scopes.isInLoop) throw lexer.syntaxError('no loop to break');
        return { kind: 'break' };
      default:
        return this.#expressionStatement();
    }
  }

  #if(line: number): StatementBody {
    const { lexer } = this;
    const branches: IfBranch[] = [];
    do {
      const branchLine = lexer.line;
      lexer.next();
      const condition = this.parseExpression();
      this.expect('then');
      branches.push({ condition, line: branchLine, body: this.#block() });
    } while (lexer.is('elseif'));
    if (lexer.is('else')) {
      lexer.next();
      branches.push({ condition: null, line: lexer.line, body: this.#block() });
    }
    this.expectClosing('end', 'if', line);
    return { kind: 'if', branches };
  }

  #while(line: number): StatementBody {
    this.lexer.next();
    const condition = this.parseExpression();
    this.expect('do');
    const body = this.#block(true);
    this.expectClosing('end', 'while', line);
    return { kind: 'while', condition, body };
  }

  #repeat(line: number): StatementBody {
    const { scopes, lexer } = this;
    lexer.next();
    scopes.openBlock(true);
    scopes.openBlock(false);
    const body = this.parseBody();
    this.expectClosing('until', 'repeat', line);
    const condition = this.parseExpression();
    scopes.closeBlock();
    scopes.closeBlock();
    return { kind: 'repeat', body, condition, endLine: lexer.lastLine };
  }

  #for(line: number): StatementBody {
    const { lexer } = this;
    lexer.next();
    const name = this.expectName();
    let statement: StatementBody;
    if (lexer.is('=')) statement = this.#numericFor(name);
    else if (lexer.is(',') || lexer.is('in')) statement = this.#genericFor(name);
    else throw lexer.syntaxError("'=' or 'in' expected");
    this.expectClosing('end', 'for', line);
    this.scopes.closeBlock();
    return statement;
  }

  #numericFor(name: string): StatementBody {
    const { lexer, scopes } = this;
    lexer.next();
    const start = this.parseExpression();
    this.expect(',');
    const limit = this.parseExpression();
    let step: Expression | null = null;
    if (lexer.is(',')) {
      lexer.next();
      step = this.parseExpression();
    }
    this.#openLoop();
    this.expect('do');
    const doLine = lexer.lastLine;
    const variable = scopes.declare(name);
    return { kind: 'for', variable, start, limit, step, doLine, body: this.#block() };
  }

  #genericFor(first: string): StatementBody {
    const { lexer, scopes } = this;
    const names = [first];
    while (lexer.is(',')) {
      lexer.next();
      names.push(this.expectName());
    }
    this.expect('in');
    const { line } = lexer;
    const values = this.parseExpressionList();
    const callee = { kind: 'local', variable: this.#openLoop() } as const;
    const call = { kind: 'call', callee, args: [], line } as const;
    this.expect('do');
    const variables = names.map((name, i) => scopes.create(name, i));
    for (const variable of variables) scopes.show(variable);
    return { kind: 'forin', variables, values, call, body: this.#block() };
  }

  /**
   * A loop has three variables that no name reaches, which count for the limit.
   * @returns the first, which errors name.
   */
  #openLoop(): LocalVariable {
    this.scopes.openBlock(true);
    const first = this.scopes.declare('(for generator)');
    for (let i = 1; i < 3; i++) this.scopes.declare('(for)');
    return first;
  }

  #function(line: number): StatementBody {
    const { lexer } = this;
    lexer.next();
    let target = this.resolveName(this.expectName());
    let isMethod = false;
    while (!isMethod && (lexer.is('.') || lexer.is(':'))) {
      isMethod = lexer.is(':');
      lexer.next();
      const key = { kind: 'string', value: this.expectName() } as const;
      target = { kind: 'index', object: target, key, line: this.noteLine(lexer.lastLine) };
    }
    const state = this.parseFunctionBody(isMethod, line);
    this.markAssigned(target);
    this.readsHere(target, line);
    return { kind: 'assign', targets: [target], values: [{ kind: 'function', state }] };
  }

  #localFunction(): StatementBody {
    const variable = this.scopes.declare(this.expectName());
    const state = this.parseFunctionBody(false, this.lexer.line);
    return { kind: 'localfunction', variable, state };
  }

  #local(): StatementBody {
    const { lexer, scopes } = this;
    const names = [this.expectName()];
    const variables = [scopes.create(names[0]!, 0)];
    while (lexer.is(',')) {
      lexer.next();
      variables.push(scopes.create(this.expectName(), variables.length));
    }
    let values: Expression[] = [];
    if (lexer.is('=')) {
      lexer.next();
      values = this.parseExpressionList();
    }
    for (const variable of variables) scopes.show(variable);
    return { kind: 'local', variables, values };
  }

  #return(): StatementBody {
    const { lexer } = this;
    lexer.next();
    const isEmpty = this.#isBlockEnd() || lexer.is(';');
    return { kind: 'return', values: isEmpty ? [] : this.parseExpressionList() };
  }

  #expressionStatement(): StatementBody {
    const { lexer } = this;
    const first = this.parsePrimary();
    if (first.kind === 'call' || first.kind === 'method') return { kind: 'call', call: first };
    const targets: Expression[] = [first];
    this.#checkTarget(first);
    while (lexer.is(',')) {
      lexer.next();
      const target = this.parsePrimary();
      targets.push(target);
      if (targets.length > MAX_TARGETS - this.level) {
        throw this.variableLimit(MAX_TARGETS - this.level);
      }
      this.#checkTarget(target);
    }
    this.expect('=');
    const values = this.parseExpressionList();
    for (const target of targets) {
      this.markAssigned(target);
      // It is written after all that stands to the right.
      this.readsHere(target);
    }
    return { kind: 'assign', targets, values };
  }

  #checkTarget(target: Expression): void {
    const { kind } = target;
    if (kind === 'local' || kind === 'upvalue' || kind === 'global' || kind === 'index') return;
    throw this.lexer.syntaxError('syntax error');
  }
}
