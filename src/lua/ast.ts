// The tree that the parser makes of a program and the compiler turns into JavaScript. Names are
// resolved already: a local variable is one object, wherever it is used.

export interface LocalVariable {
  readonly name: string;
  readonly id: number;
  readonly owner: FunctionState;
  /** Its place among the variables of its function. */
  readonly slot: number;
  /** Used by a function inside of its own. */
  isCaptured: boolean;
  /** Set again after its declaration. */
  isAssigned: boolean;
}

/** What is known of a function while it is parsed and compiled. */
export interface FunctionState {
  readonly parent: FunctionState | null;
  readonly lineDefined: number;
  readonly parameters: LocalVariable[];
  readonly upvalues: Set<LocalVariable>;
  isVararg: boolean;
  /** `...` is used: otherwise a vararg function has the table `arg`. */
  usesDots: boolean;
  /** The local variable `arg`, or null. */
  argTable: LocalVariable | null;
  body: readonly Statement[];
  lastLine: number;
  /** Variables declared in it, for the size of its frame. */
  localCount: number;
  /** Most expressions that wait for one another in it. */
  callCount: number;
}

export type Expression =
  | { readonly kind: 'nil' | 'true' | 'false' | 'dots' }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'function'; readonly state: FunctionState }
  | { readonly kind: 'local'; readonly variable: LocalVariable }
  | { readonly kind: 'upvalue'; readonly variable: LocalVariable }
  | { readonly kind: 'global'; readonly name: string; readonly line: number }
  | IndexExpression
  | CallExpression
  | MethodExpression
  | BinaryExpression
  | {
      readonly kind: 'unary';
      readonly op: '-' | 'not' | '#';
      readonly operand: Expression;
      readonly line: number;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'paren'; readonly inner: Expression }
  | TableExpression;

export interface IndexExpression {
  readonly kind: 'index';
  readonly object: Expression;
  readonly key: Expression;
  readonly line: number;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly line: number;
}

export interface MethodExpression {
  readonly kind: 'method';
  readonly object: Expression;
  readonly name: string;
  readonly args: readonly Expression[];
  readonly line: number;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '..'
  | '=='
  | '~='
  | '<'
  | '<='
  | '>'
  | '>=';

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly op: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly line: number;
}

export interface TableExpression {
  readonly kind: 'table';
  readonly items: readonly Expression[];
  readonly fields: readonly TableField[];
  /** Items and fields in their order: an index of `items`, or of `fields` from -1 down. */
  readonly order: readonly number[];
  readonly line: number;
}

export interface TableField {
  readonly key: Expression;
  readonly value: Expression;
  readonly line: number;
}

/** `isSpread`: its parts stand on more than one line, so each says which when it may fail. */
export type Statement = { readonly line: number; isSpread: boolean } & StatementBody;

export type StatementBody =
  | {
      readonly kind: 'local';
      readonly variables: readonly LocalVariable[];
      readonly values: readonly Expression[];
    }
  | {
      readonly kind: 'assign';
      readonly targets: readonly Expression[];
      readonly values: readonly Expression[];
    }
  | { readonly kind: 'call'; readonly call: Expression }
  | { readonly kind: 'do'; readonly body: readonly Statement[] }
  | {
      readonly kind: 'while';
      readonly condition: Expression;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'repeat';
      readonly body: readonly Statement[];
      readonly condition: Expression;
      readonly endLine: number;
    }
  | { readonly kind: 'if'; readonly branches: readonly IfBranch[] }
  | {
      readonly kind: 'for';
      readonly variable: LocalVariable;
      readonly start: Expression;
      readonly limit: Expression;
      readonly step: Expression | null;
      /** Of `do`: where it is told that a number is none. */
      readonly doLine: number;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'forin';
      readonly variables: readonly LocalVariable[];
      readonly values: readonly Expression[];
      /** That of the iterator. */
      readonly call: CallExpression;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'return'; readonly values: readonly Expression[] }
  | {
      readonly kind: 'localfunction';
      readonly variable: LocalVariable;
      readonly state: FunctionState;
    }
  | { readonly kind: 'break' };

export interface IfBranch {
  /** Null for `else`. */
  readonly condition: Expression | null;
  readonly line: number;
  readonly body: readonly Statement[];
}
