// From the source of a program to a function: parses, compiles, and lets JavaScript's compiler have
// it.

import { compileFunction } from 'node:vm';
import type { FunctionState } from './ast.ts';
import { type CompileOptions, compileMain } from './compiler.ts';
import { LuaError } from './errors.ts';
import { interpreted } from './interpreter.ts';
import { chunkId } from './lexer.ts';
import type { Chunk, Environment } from './machine.ts';
import { parse } from './parser.ts';
import type { Runtime } from './runtime.ts';
import type { LuaFunction } from './value.ts';

const NO_HINTS = new Int32Array(0);

/** What the compiled code calls by short names. */
const PRELUDE =
  '"use strict";const S=R.state,T=R.Table,G=R.Running,N=R.NONE,A=Array.isArray,H=C.hints;' +
  'const {global,index,field,setIndex,concat,length,equal,mod,pow,first:O,called:F,' +
  'calledGlobal:Q,calledField:P,indexOfGlobal:J}=R;';

const FACTORY_PARAMETERS = ['R', 'C', '$E'];

type Factory = (runtime: Runtime, chunk: Chunk, environment: Environment) => LuaFunction;

/**
 * @param chunkName as Lua has it: `@file`, `=name`, or the source itself.
 * @throws LuaError with the message of the parser.
 */
export function loadChunk(runtime: Runtime, source: string, chunkName: string): LuaFunction {
  const chunk = makeChunk(chunkName);
  const options: CompileOptions = {
    givesWay: runtime.givesWay,
    tracksEnvironments: runtime.givesWay && source.includes('fenv'),
  };
  const make = withinLevels(chunk, () => compiled(parse(source, chunkName), options, chunk));
  const outer: Environment = { t: runtime.globals };
  return runtime.closure(outer, (environment) => make(runtime, chunk, environment));
}

/**
 * The same without compiling, for one run. It throws NeedsCompiling when that takes long.
 */
export function loadForOnce(runtime: Runtime, source: string, chunkName: string): LuaFunction {
  const chunk = makeChunk(chunkName);
  const main = withinLevels(chunk, () => parse(source, chunkName));
  const outer: Environment = { t: runtime.globals };
  return runtime.closure(outer, ({ t }) => interpreted(main, runtime, chunk, t));
}

function makeChunk(name: string): Chunk {
  return { name, id: chunkId(name), sites: [], hints: NO_HINTS };
}

function withinLevels<T>(chunk: Chunk, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LuaError(`${chunk.id}:1: chunk has too many syntax levels`);
  }
}

function compiled(main: FunctionState, options: CompileOptions, chunk: Chunk): Factory {
  const { code, sites, hintCount } = compileMain(main, options);
  chunk.sites = sites;
  chunk.hints = new Int32Array(hintCount);
  // In brackets the main function is compiled at once; else it would be read over first and then
  // once more at its call, which comes soon.
  return javascript(`${PRELUDE}return (${code})`);
}

/** A host may forbid code from strings (--disallow-code-generation-from-strings); not to Node. */
function javascript(body: string): Factory {
  try {
    return new Function(...FACTORY_PARAMETERS, body) as Factory;
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    return compileFunction(body, FACTORY_PARAMETERS) as Factory;
  }
}
