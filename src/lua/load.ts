// From the source of a program to a function: parses, compiles, and lets JavaScript's compiler have
// it.

import { type CompileOptions, compileMain } from './compiler.ts';
import { LuaError } from './errors.ts';
import { chunkId } from './lexer.ts';
import type { Chunk, Environment } from './machine.ts';
import { parse } from './parser.ts';
import type { Runtime } from './runtime.ts';
import type { LuaFunction } from './value.ts';

const NO_HINTS = new Int32Array(0);
const BYTECODE_MARK = '\x1b';

/** What the compiled code calls by short names. */
const PRELUDE =
  '"use strict";const S=R.state,T=R.Table,G=R.Running,N=R.NONE,A=Array.isArray,H=C.hints;' +
  'const {global,index,field,setIndex,concat,length,equal,mod,pow,first:O,called:F,' +
  'calledGlobal:Q,calledField:P,indexOfGlobal:J}=R;';

type Factory = (runtime: Runtime, chunk: Chunk, environment: Environment) => LuaFunction;

/**
 * @param chunkName as Lua has it: `@file`, `=name`, or the source itself.
 * @throws LuaError with the message of the parser.
 */
export function loadChunk(runtime: Runtime, source: string, chunkName: string): LuaFunction {
  const chunk: Chunk = { name: chunkName, id: chunkId(chunkName), sites: [], hints: NO_HINTS };
  if (source.startsWith(BYTECODE_MARK)) {
    throw new LuaError(`${chunk.id}: bad header in precompiled chunk`);
  }
  const options: CompileOptions = {
    givesWay: runtime.givesWay,
    tracksEnvironments: runtime.givesWay && source.includes('fenv'),
  };
  const make = compiled(source, chunkName, options, chunk);
  const outer: Environment = { t: runtime.globals };
  return runtime.closure(outer, (environment) => make(runtime, chunk, environment));
}

function compiled(
  source: string,
  chunkName: string,
  options: CompileOptions,
  chunk: Chunk,
): Factory {
  try {
    const { code, sites, hintCount } = compileMain(parse(source, chunkName), options);
    chunk.sites = sites;
    chunk.hints = new Int32Array(hintCount);
    // In brackets the main function is compiled at once; else it would be read over first and then
    // once more at its call, which comes soon.
    return new Function('R', 'C', '$E', `${PRELUDE}return (${code})`) as Factory;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LuaError(`${chunk.id}:1: chunk has too many syntax levels`);
  }
}
