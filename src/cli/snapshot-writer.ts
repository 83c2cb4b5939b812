// The program that a server starts to write a snapshot: bytes come through standard input, and the
// file gets its name when the parent has said that they are all. See persistence/writer-process.ts.

import { runSnapshotWriter } from '../persistence/writer-program.ts';

process.title = 'disgo-snapshot-writer';
// What a terminal or a supervisor sends to the whole group is for the server, which decides what
// becomes of the save. Without the server the input ends, and this program with it.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
process.exitCode = runSnapshotWriter(process.argv[2] ?? '', process.pid);
