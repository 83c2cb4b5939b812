// The sizes up to which values keep their compact encodings: the options hash-max-listpack-entries
// and its family. A plain object that the server keeps equal to the configuration.

export class EncodingLimits {
  hashMaxListpackEntries = 128;
  /** Bytes of a field or value. */
  hashMaxListpackValue = 64;
  /** Elements of a list's node, or with -1 to -5 its size: 4, 8, 16, 32 or 64 KB. */
  listMaxListpackSize = -2;
  listCompressDepth = 0;
  setMaxIntsetEntries = 512;
  setMaxListpackEntries = 128;
  setMaxListpackValue = 64;
  zsetMaxListpackEntries = 128;
  zsetMaxListpackValue = 64;
  streamNodeMaxBytes = 4096;
  streamNodeMaxEntries = 100;
  hllSparseMaxBytes = 3000;
  /**
   * Bytes from which on an element of a list has a node of its own; DEBUG
   * QUICKLIST-PACKED-THRESHOLD.
   */
  quicklistPackedBytes: number = 1 << 30;
}
