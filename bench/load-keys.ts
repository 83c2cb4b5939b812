// Fills a server with numbered string keys, fast: commands of fixed length are laid out in one
// buffer and only their digits change, replies are counted by their bytes. Keys are named as redis-
// benchmark names them, so that it can read what was loaded here.
import { once } from 'node:events';
import { connect } from 'node:net';

const KEY_DIGITS = 12;
const BATCH = 4096;
const IN_FLIGHT = 16 * BATCH;
const OK_BYTES = '+OK\r\n'.length;

/**
 * Sets `key:000000000000` and on, `count` keys, each to `valueBytes` bytes.
 * @throws Error when a reply is not `+OK`.
 */
export async function loadKeys(port: number, count: number, valueBytes: number): Promise<void> {
  const value = 'x'.repeat(valueBytes);
  const head = `*3\r\n$3\r\nSET\r\n$${4 + KEY_DIGITS}\r\nkey:`;
  const frame = `${head}${'0'.repeat(KEY_DIGITS)}\r\n$${valueBytes}\r\n${value}\r\n`;
  const socket = connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  let replied = 0;
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  let pendingBytes = 0;
  socket.on('data', (chunk: Buffer) => {
    if (chunk.includes('-'))
      failure = new Error(`loading keys: ${chunk.toString('latin1', 0, 200)}`);
    pendingBytes += chunk.length;
    replied += Math.floor(pendingBytes / OK_BYTES);
    pendingBytes %= OK_BYTES;
    wake?.();
  });
  socket.on('close', () => {
    failure ??= new Error('loading keys: the server closed the connection');
    wake?.();
  });
  const progress = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    if (failure !== undefined) throw failure;
  };
  for (let sent = 0; sent < count; ) {
    const size = Math.min(BATCH, count - sent);
    // A new buffer each time: the socket may still hold the last one.
    const batch = Buffer.from(frame.repeat(size), 'latin1');
    for (let i = 0; i < size; i++) {
      const digits = String(sent + i).padStart(KEY_DIGITS, '0');
      batch.write(digits, i * frame.length + head.length, 'latin1');
    }
    socket.write(batch);
    sent += size;
    while (sent - replied > IN_FLIGHT) await progress();
  }
  while (replied < count) await progress();
  socket.removeAllListeners('close');
  socket.destroy();
}
