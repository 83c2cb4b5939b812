// Passes over what a server in a cluster writes of its slots beside the keys: advice on sizes, and
// in Valkey the imports that are under way, which end with the server that had begun them.

import { OP_SLOT_IMPORT } from './format.ts';
import type { RdbInput, RdbText } from './rdb-input.ts';

/** Numbers of a slot: which one, its keys, those of them that expire. */
const SLOT_NUMBERS = 3;

/**
 * Passes over the record behind an operation code of slots.
 * @param text room for a name.
 */
export function skipSlotRecord(input: RdbInput, opcode: number, text: RdbText): void {
  if (opcode !== OP_SLOT_IMPORT) {
    for (let i = 0; i < SLOT_NUMBERS; i++) input.count();
    return;
  }
  input.string(text);
  const ranges = input.count();
  for (let i = 0; i < ranges && !input.isShort && input.problem === ''; i++) {
    input.count();
    input.count();
  }
}
