// The limits and switches that commands and the engine read while they run. The server keeps them
// equal to the options of the configuration; a plain object of fixed shape, so that a read costs
// nothing.

export class EngineSettings {
  /** `proto-max-bulk-len` in bytes. */
  protoMaxBulkBytes = 536870912;
  /** `databases`. */
  databaseCount = 16;
  /** `notify-keyspace-events` as bits; 0 sends none. */
  notifyMask = 0;
  /** `slowlog-log-slower-than` in microseconds, negative: never. */
  slowlogThresholdUsec = 10000;
  /** `lazyfree-lazy-user-del` and `lazyfree-lazy-user-flush`. */
  lazyUserDel = false;
  lazyUserFlush = false;
  /** `rdbcompression`. */
  rdbCompression = true;
  /** `sanitize-dump-payload`. */
  sanitizeDumpPayload: 'no' | 'yes' | 'clients' = 'no';
  /** DEBUG SET-SKIP-CHECKSUM-VALIDATION. */
  skipsChecksums = false;
  /** DEBUG SCRIPT's way to run in scripts what they may not; for tests. */
  allowsAllInScripts = false;
}
