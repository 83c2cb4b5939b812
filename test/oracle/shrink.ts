// Makes a failing stream short: leaves out parts of it, ever smaller ones, while it still fails
// (delta debugging), then shortens the arguments that are left.
import type { Step, Stream } from './stream.ts';

/** Limits of the search: a stream that is long to run must not hold up the report. */
const MOST_TRIES = 500;
const MOST_MS = 20_000;

/**
 * The shortest stream found that still fails.
 * @param stillFails runs a candidate on both servers.
 */
export async function shrink(
  stream: Stream,
  stillFails: (candidate: Stream) => Promise<boolean>,
): Promise<Stream> {
  let tries = 0;
  const startedAt = performance.now();
  const spent = (): boolean => tries >= MOST_TRIES || performance.now() - startedAt > MOST_MS;
  let best: Stream = stream;
  const attempt = async (steps: readonly Step[], sending: Stream['sending']): Promise<boolean> => {
    if (spent() || steps.length === 0) return false;
    tries++;
    const candidate: Stream = { ...best, steps, sending };
    if (!(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  if (stream.group !== 'auth') await attempt(best.steps, 'whole');
  for (let size = best.steps.length >> 1; size >= 1; size = size === 1 ? 0 : (size + 1) >> 1) {
    let removedSome = true;
    while (removedSome) {
      removedSome = false;
      for (let at = 0; at < best.steps.length; ) {
        const rest = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
        if (await attempt(rest, best.sending)) removedSome = true;
        else at += size;
      }
      if (spent()) return best;
    }
  }
  await shortenArguments(() => best, attempt);
  return best;
}

async function shortenArguments(
  current: () => Stream,
  attempt: (steps: readonly Step[], sending: Stream['sending']) => Promise<boolean>,
): Promise<void> {
  for (let i = 0; i < current().steps.length; i++) {
    const step = current().steps[i];
    if (step === undefined || 'raw' in step) continue;
    for (let j = 1; j < step.args.length; j++) {
      for (const simpler of simplerForms(step.args[j] ?? '')) {
        const now = current().steps[i];
        if (now === undefined || 'raw' in now) break;
        const args = now.args.map((arg, index) => (index === j ? simpler : arg));
        const steps = current().steps.map((old, index) => (index === i ? { args } : old));
        if (await attempt(steps, current().sending)) break;
      }
    }
  }
}

function simplerForms(arg: string): string[] {
  if (arg.length <= 2) return [];
  return ['', 'x', arg.slice(0, arg.length >> 1)].filter((form) => form.length < arg.length);
}
