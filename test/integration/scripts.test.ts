// Programs that live by scripts, unmodified: BullMQ's queues, workers, flows, rate limits and
// schedulers, locks, rate limiters; and what a busy script means for other clients.

import { FlowProducer, Queue, QueueEvents, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import Redlock from 'redlock';
import { afterAll, describe, expect, it } from 'vitest';
import { sharedServer, startOurs, until } from './support.ts';

const server = sharedServer({ args: ['--busy-reply-threshold', '100'] });
const closers: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function connectionOptions(): Promise<{ host: string; port: number; db: number }> {
  const { port } = await server();
  return { host: '127.0.0.1', port, db: 3 };
}

async function client(): Promise<Redis> {
  const redis = new Redis({ ...(await connectionOptions()), db: 0 });
  closers.push(async () => redis.disconnect());
  // A client that is not ready yet takes BUSY for the end of its connection.
  await redis.ping();
  return redis;
}

async function queueOf(name: string): Promise<Queue> {
  const queue = new Queue(name, { connection: await connectionOptions() });
  closers.push(() => queue.close());
  return queue;
}

async function workerOf(
  name: string,
  run: (job: { name: string; data: unknown }) => Promise<unknown>,
  options: object = {},
): Promise<Worker> {
  const worker = new Worker(name, run, { connection: await connectionOptions(), ...options });
  closers.push(() => worker.close());
  return worker;
}

describe('BullMQ', () => {
  it('runs jobs in order of priority, with results, failures and repetitions', async () => {
    const queue = await queueOf('basic');
    const events = new QueueEvents('basic', { connection: await connectionOptions() });
    closers.push(() => events.close());
    await events.waitUntilReady();
    const low = await queue.add('low', { n: 1 }, { priority: 10 });
    const high = await queue.add('high', { n: 2 }, { priority: 1 });
    const flaky = await queue.add('flaky', { n: 3 }, { attempts: 2, priority: 5 });
    const order: string[] = [];
    let failures = 0;
    await workerOf('basic', async (job) => {
      order.push(job.name);
      if (job.name === 'flaky' && failures++ === 0) throw new Error('once');
      return { name: job.name };
    });
    expect(await high.waitUntilFinished(events)).toEqual({ name: 'high' });
    expect(await flaky.waitUntilFinished(events)).toEqual({ name: 'flaky' });
    expect(await low.waitUntilFinished(events)).toEqual({ name: 'low' });
    expect(order[0]).toBe('high');
    expect(order.filter((name) => name === 'flaky')).toHaveLength(2);
    expect(await queue.getJobCounts('completed', 'failed', 'waiting')).toEqual({
      completed: 3,
      failed: 0,
      waiting: 0,
    });
  });

  it('runs many jobs added in bulk, each once', async () => {
    const queue = await queueOf('bulk');
    const seen = new Map<string, number>();
    await queue.addBulk(Array.from({ length: 500 }, (_, i) => ({ name: `${i}`, data: { i } })));
    await workerOf(
      'bulk',
      async (job) => {
        seen.set(job.name, (seen.get(job.name) ?? 0) + 1);
      },
      { concurrency: 20 },
    );
    await until('500 jobs', async () => (await queue.getCompletedCount()) === 500);
    expect(seen.size).toBe(500);
    expect([...seen.values()].every((count) => count === 1)).toBe(true);
  });

  it('runs flows: a parent waits for its children', async () => {
    const flow = new FlowProducer({ connection: await connectionOptions() });
    closers.push(() => flow.close());
    const queue = await queueOf('flow');
    const order: string[] = [];
    await workerOf('flow', async (job) => {
      order.push(job.name);
      return job.name;
    });
    const { job } = await flow.add({
      name: 'parent',
      queueName: 'flow',
      children: [
        { name: 'child-1', queueName: 'flow' },
        { name: 'child-2', queueName: 'flow', children: [{ name: 'leaf', queueName: 'flow' }] },
      ],
    });
    await until('the parent', async () => (await queue.getJob(job.id!))?.finishedOn !== undefined);
    expect(order.at(-1)).toBe('parent');
    expect(order.indexOf('leaf')).toBeLessThan(order.indexOf('child-2'));
    const parent = await queue.getJob(job.id!);
    expect(Object.values((await parent?.getChildrenValues()) ?? {}).sort()).toEqual([
      'child-1',
      'child-2',
    ]);
  });

  it('delays jobs, repeats those of schedulers, and limits the rate', async () => {
    const queue = await queueOf('timed');
    const ran: { name: string; at: number }[] = [];
    await workerOf(
      'timed',
      async (job) => {
        ran.push({ name: job.name, at: performance.now() });
      },
      { limiter: { max: 2, duration: 200 } },
    );
    const begun = performance.now();
    await queue.add('late', {}, { delay: 150 });
    await queue.upsertJobScheduler('tick', { every: 100 }, { name: 'tick' });
    await until('ticks', () => ran.filter(({ name }) => name === 'tick').length >= 3);
    await queue.removeJobScheduler('tick');
    await until('the late job', () => ran.some(({ name }) => name === 'late'));
    expect(ran.find(({ name }) => name === 'late')!.at - begun).toBeGreaterThan(140);
    expect(await queue.getJobSchedulers()).toEqual([]);
  });

  it('repeats by a pattern of cron up to a limit, and tells what comes next', async () => {
    const queue = await queueOf('cron');
    let ran = 0;
    await workerOf('cron', async () => {
      ran++;
    });
    await queue.upsertJobScheduler(
      'each-second',
      { pattern: '* * * * * *', limit: 2 },
      { name: 'cron', data: { a: 1 } },
    );
    const [scheduler] = await queue.getJobSchedulers();
    expect(scheduler).toMatchObject({ key: 'each-second', pattern: '* * * * * *', limit: 2 });
    expect(scheduler?.next).toBeGreaterThan(Date.now() - 1000);
    await until('both runs', () => ran === 2);
    await until('no more', async () => (await queue.getDelayedCount()) === 0);
  });

  it('takes up again what a worker that is gone has left, and keeps one of each ID', async () => {
    const queue = await queueOf('stalled');
    await queue.add('long', {}, { jobId: 'same' });
    await queue.add('long', {}, { jobId: 'same' });
    expect(await queue.count()).toBe(1);
    // A worker that takes a job and never comes back.
    const lost = new Worker('stalled', null, { connection: await connectionOptions() });
    const taken = await lost.getNextJob('token', { block: false });
    expect(taken?.id).toBe('same');
    await lost.close();
    const ran: string[] = [];
    const next = await workerOf('stalled', async (job) => void ran.push(job.name), {
      stalledInterval: 200,
      maxStalledCount: 2,
    });
    const redis = new Redis(await connectionOptions());
    closers.push(async () => redis.disconnect());
    await redis.del('bull:stalled:same:lock');
    await until('the job ran', () => ran.length === 1);
    // It looks for stalled jobs again and again, and would meet the busy scripts below.
    await next.close();
  });

  it('cleans, pauses and obliterates', async () => {
    const queue = await queueOf('care');
    await queue.pause();
    await queue.addBulk([
      { name: 'a', data: {} },
      { name: 'b', data: {} },
    ]);
    expect(await queue.isPaused()).toBe(true);
    expect(await queue.count()).toBe(2);
    await queue.drain();
    expect(await queue.count()).toBe(0);
    await queue.obliterate({ force: true });
    expect(await (await client()).keys('bull:care:*')).toEqual([]);
  });
});

describe('locks and limits', () => {
  it('Redlock holds, extends and gives back', async () => {
    const redis = await client();
    const locks = new Redlock([redis as unknown as Redlock.CompatibleRedisClient], {
      retryCount: 0,
    });
    const lock = await locks.lock('lock:a', 2000);
    await expect(locks.lock('lock:a', 2000)).rejects.toThrow();
    const longer = await lock.extend(5000);
    expect(await redis.pttl('lock:a')).toBeGreaterThan(3000);
    await longer.unlock();
    expect(await redis.exists('lock:a')).toBe(0);
  });

  it('rate-limiter-flexible counts and refuses', async () => {
    const limiter = new RateLimiterRedis({
      storeClient: await client(),
      points: 3,
      duration: 10,
      keyPrefix: 'limit',
    });
    for (let left = 2; left >= 0; left--) {
      expect((await limiter.consume('user')).remainingPoints).toBe(left);
    }
    await expect(limiter.consume('user')).rejects.toMatchObject({ remainingPoints: 0 });
    expect((await limiter.get('user'))?.consumedPoints).toBe(4);
  });
});

it('SLOWLOG shows the commands of scripts as those of a client without a socket', async () => {
  const redis = await client();
  await redis.config('SET', 'slowlog-log-slower-than', '0');
  await redis.eval("return redis.call('GET', 'in-slow-log')", 0);
  await redis.config('SET', 'slowlog-log-slower-than', '10000');
  const entries = (await redis.slowlog('GET', 10)) as unknown[][];
  expect(entries.find((entry) => String(entry[3]) === 'GET,in-slow-log')?.[4]).toBe('');
});

it('a script that runs out of memory leaves none of it in the way of the next', async () => {
  const own = await startOurs({ env: { NODE_OPTIONS: '--max-old-space-size=600' } });
  const redis = new Redis({ port: own.port, retryStrategy: () => null });
  const greedy = 'local t = {} while true do t[#t + 1] = {} end';
  const calm = 'local n = 0 for i = 1, 1000000 do n = n + 1 end return n';
  for (let i = 0; i < 2; i++) {
    expect(await told(redis.eval(greedy, 0))).toMatch(/^ERR not enough memory/);
    expect(await told(redis.eval(calm, 0))).toBe('1000000');
  }
  redis.disconnect();
  await own.stop();
});

describe('a busy script', () => {
  it('lets others be told, and can be killed', async () => {
    const busy = await client();
    const other = await client();
    const ending = busy.eval('while true do end', 0).catch((error: Error) => error.message);
    await until('BUSY', async () => (await told(other.ping())).startsWith('BUSY'));
    expect(await told(other.call('FUNCTION', 'KILL'))).toMatch(/^BUSY/);
    expect(await told(other.call('SCRIPT', 'KILL'))).toBe('OK');
    expect(await ending).toMatch(
      /^ERR Script killed by user with SCRIPT KILL.* on @user_script:1\.$/,
    );
    expect(await other.ping()).toBe('PONG');
  });

  it('goes on where it was when it has given way: nothing happens twice', async () => {
    const busy = await client();
    const other = await client();
    await other.del('n', 'stop');
    const result = busy.eval(
      `for i = 1, 100 do redis.call('incr', 'n') end
       local turns = 0
       while redis.call('time')[1] ~= '0' do
         turns = turns + 1
         if turns % 1000 == 0 and turns > 400000 then break end
       end
       return redis.call('get', 'n')`,
      0,
    );
    await until('BUSY', async () => (await told(other.ping())).startsWith('BUSY'));
    expect(await told(other.call('SCRIPT', 'KILL'))).toMatch(/^UNKILLABLE/);
    expect(await result).toBe('100');
    expect(await other.get('n')).toBe('100');
  });

  it('that waits for TIME to pass ends, and sees keys as they were when it began', async () => {
    const redis = await client();
    await redis.set('brief', 'v', 'PX', 150);
    const waited = await redis.eval(
      `local function now()
         local t = redis.call('time')
         return t[1] * 1000 + t[2] / 1000
       end
       local first, calls = now(), 0
       while now() - first < 300 and calls < 2000000 do calls = calls + 1 end
       return {now() - first >= 300 and 'passed' or 'stands still', redis.call('get', 'brief')}`,
      0,
    );
    expect(waited).toEqual(['passed', 'v']);
    expect(await redis.get('brief')).toBeNull();
  });

  it('stands in a transaction, whose other commands wait for it', async () => {
    const busy = await client();
    const other = await client();
    const all = busy.multi().set('t', '1').eval('while true do end', 0).incr('t').exec();
    await until('BUSY', async () => (await told(other.get('t'))).startsWith('BUSY'));
    await other.call('SCRIPT', 'KILL');
    const [set, killed, incremented] = (await all) ?? [];
    expect(set?.[1]).toBe('OK');
    expect(killed?.[0]?.message).toMatch(/killed by user/);
    expect(incremented?.[1]).toBe(2);
  });

  it('is ended by SHUTDOWN NOSAVE', async () => {
    const own = await startOurs({ args: ['--busy-reply-threshold', '50'] });
    const busy = new Redis({ port: own.port, retryStrategy: () => null });
    const other = new Redis({ port: own.port, retryStrategy: () => null });
    // A client that is not ready yet takes BUSY for the end of its connection.
    await other.ping();
    const ended = busy.eval('while true do end', 0).catch(() => 'ended');
    await until('BUSY', async () => (await told(other.ping())).startsWith('BUSY'));
    expect(await told(other.call('SHUTDOWN'))).toMatch(/^BUSY/);
    other.call('SHUTDOWN', 'NOSAVE').catch(() => {});
    expect(await ended).toBe('ended');
    await own.stop();
  });
});

/** What a command answers, an error by its text. */
async function told(reply: Promise<unknown>): Promise<string> {
  try {
    return String(await reply);
  } catch (error) {
    return (error as Error).message;
  }
}
