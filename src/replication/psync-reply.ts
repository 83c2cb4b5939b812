// A master's answer to PSYNC, read and told to the log in Redis's words.

import type { StreamPosition } from './host.ts';

/**
 * `rest`: the stream goes on, under this name ('' from a master that tells none); `snapshot`: the
 * data set follows; `later`: ask again; `unknown`: the master has no PSYNC.
 */
export type PsyncReply =
  | { readonly kind: 'rest'; readonly id: string }
  | { readonly kind: 'snapshot'; readonly position: StreamPosition | null }
  | { readonly kind: 'later' }
  | { readonly kind: 'unknown' };

export function readPsyncReply(
  line: string,
  log: (level: 'notice' | 'warning', text: string) => void,
): PsyncReply {
  if (line.startsWith('+CONTINUE')) {
    return { kind: 'rest', id: line.slice('+CONTINUE '.length).trim() };
  }
  if (line.startsWith('+FULLRESYNC')) {
    const match = /^\+FULLRESYNC ([0-9a-fA-F]{40}) (-?\d+)$/.exec(line);
    if (match === null) {
      log('warning', 'Master replied with wrong +FULLRESYNC syntax.');
      return { kind: 'snapshot', position: null };
    }
    const position = { id: match[1]!, offset: Number(match[2]), dbId: 0 };
    log('notice', `Full resync from master: ${position.id}:${position.offset}`);
    return { kind: 'snapshot', position };
  }
  if (line.startsWith('-NOMASTERLINK') || line.startsWith('-LOADING')) {
    log('notice', `Master is currently unable to PSYNC but should be in the future: ${line}`);
    return { kind: 'later' };
  }
  if (line.startsWith('-ERR')) {
    log('notice', `Master does not support PSYNC or is in error state (reply: ${line})`);
  } else log('warning', `Unexpected reply to PSYNC from master: ${line}`);
  return { kind: 'unknown' };
}
