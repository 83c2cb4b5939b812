// `npm start -- [flags]`: builds what must be built and runs the server in this process.
import { ensureBuilt } from './ensure-built.mjs';

await ensureBuilt();
await import('../dist/disgo-server.cjs');
