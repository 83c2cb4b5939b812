// What the server uses of persistence.

export { persistenceCommands } from './commands.ts';
export { innerWriters } from './inner-writer.ts';
export { LoadError, Persistence } from './persistence.ts';
export type { PersistenceHost, SpareFunctions } from './persistence-host.ts';
export type { WriterStart } from './snapshot-writer.ts';
export { type AofReplicas, AofWaits } from './waitaof-command.ts';
export { writerProcesses } from './writer-process.ts';
