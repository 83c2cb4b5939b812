// Passes over the data of modules in an RDB file, which carries marks for that purpose: for tools
// that look over what they cannot load, and to name the module that is missing.

import {
  KEY_META_SINCE,
  MIN_VALKEY_VERSION,
  MODULE_DOUBLE,
  MODULE_EOF,
  MODULE_FLOAT,
  MODULE_SINT,
  MODULE_STRING,
  MODULE_UINT,
  OP_KEY_META,
  OP_SLOT_IMPORT,
} from './format.ts';
import { type RdbInput, RdbText } from './rdb-input.ts';
import { skipSlotRecord } from './slot-records.ts';

const NAME_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const NAME_LENGTH = 9;
const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
/** The number of a class of metadata. */
const KEY_META_CLASS_BYTES = 4;

export class ModuleSkipper {
  /** Of the module whose data is passed over. */
  name = '';
  readonly #input: RdbInput;
  readonly #text = new RdbText();

  constructor(input: RdbInput) {
    this.#input = input;
  }

  /** The name in an ID of 64 bits: nine letters of six bits, and ten bits of version. */
  static nameOf(high: number, low: number): string {
    let bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    bits >>= 10n;
    let name = '';
    for (let i = 0; i < NAME_LENGTH; i++) {
      name = NAME_LETTERS[Number(bits & 63n)]! + name;
      bits >>= 6n;
    }
    return name;
  }

  /** Begins with data of a module. */
  begin(high: number, low: number): void {
    this.name = ModuleSkipper.nameOf(high, low);
  }

  /** Passes over one part. @returns true when it was the end. */
  step(): boolean {
    const input = this.#input;
    const opcode = input.count();
    if (input.isShort) return false;
    if (opcode === MODULE_EOF) return true;
    if (opcode === MODULE_SINT || opcode === MODULE_UINT) input.count();
    else if (opcode === MODULE_FLOAT) input.skip(FLOAT_BYTES);
    else if (opcode === MODULE_DOUBLE) input.skip(DOUBLE_BYTES);
    else if (opcode === MODULE_STRING) input.string(this.#text);
    else input.fail(`Unknown part ${opcode} in the data of module '${this.name}'`);
    return false;
  }

  /**
   * What modules say of the key that follows; Valkey has another record of that number.
   * @param passes whether it is passed over, not refused.
   */
  keyMeta(version: number, passes: boolean, text: RdbText): void {
    if (version >= MIN_VALKEY_VERSION) skipSlotRecord(this.#input, OP_SLOT_IMPORT, text);
    else if (version < KEY_META_SINCE) this.#input.fail(`Unknown RDB opcode ${OP_KEY_META}`);
    else if (passes) this.#passKeyMeta();
    else this.#input.fail("The RDB file contains module metadata of keys I can't load");
  }

  #passKeyMeta(): void {
    const input = this.#input;
    const classes = input.count();
    for (let i = 0; i < classes && !input.isShort && input.problem === ''; i++) {
      input.skip(KEY_META_CLASS_BYTES);
      while (!this.step() && !input.isShort && input.problem === '');
    }
  }
}
