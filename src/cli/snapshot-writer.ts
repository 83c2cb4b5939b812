// The program that a server starts to write a snapshot: bytes come through standard input, and the
// file gets its name when the parent has said that they are all. See persistence/writer-process.ts.

import { runSnapshotWriter } from '../persistence/writer-program.ts';

process.title = 'disgo-snapshot-writer';
process.exitCode = runSnapshotWriter(process.argv[2] ?? '', process.pid);
