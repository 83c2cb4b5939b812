// What clients hold: buffers, arguments, queues. Summed up as it changes while something depends on
// it (maxmemory, maxmemory-clients), measured when asked for otherwise. When all clients together
// pass maxmemory-clients, those that hold most are closed, a power of two at a time, as in Redis.

import type { Client } from './client.ts';
import type { ClientRegistry } from './client-registry.ts';

/** Bytes of a client's objects beside its buffers, about. */
export const CLIENT_BYTES = 2048;
/** Clients are put in buckets by the powers of two between these; the ends take the rest. */
export const MIN_BUCKET_LOG = 15;
export const MAX_BUCKET_LOG = 33;
const BUCKET_COUNT = MAX_BUCKET_LOG - MIN_BUCKET_LOG + 1;
/** A limit below this would let nobody talk to the server any more. */
const MIN_LIMIT_BYTES = 128 * 1024;

/** What an eviction is told to: the log. */
export type OnEvictClient = (client: Client) => void;

function bucketOf(bytes: number): number {
  const log = 32 - Math.clz32(Math.min(bytes, 0xffffffff)) + (bytes > 0xffffffff ? 1 : 0);
  return Math.min(Math.max(log - MIN_BUCKET_LOG, 0), BUCKET_COUNT - 1);
}

export class ClientMemory {
  /** Bytes of clients of the classes normal and pubsub, and of replicas. */
  normalBytes = 0;
  replicaBytes = 0;
  /** Set while the sums are kept true as they change. */
  isTracked = false;
  evictedClients = 0;
  onEvict: OnEvictClient = () => {};
  /** Told when the limit is passed and nobody is left who may be closed. */
  onNobodyLeft: () => void = () => {};
  readonly #registry: ClientRegistry;
  /** Those that may be closed, by what they hold; the longest in a bucket first. */
  readonly #buckets: Set<Client>[] = Array.from({ length: BUCKET_COUNT }, () => new Set());
  #limitBytes = 0;

  constructor(registry: ClientRegistry) {
    this.#registry = registry;
  }

  /** All that clients hold. */
  get totalBytes(): number {
    return this.normalBytes + this.replicaBytes;
  }

  /** `maxmemory-clients` in bytes, at least 128 KB; 0: no limit. */
  get limitBytes(): number {
    return this.#limitBytes;
  }

  /**
   * Follows the options.
   * @param maxMemoryClients bytes, or per cent of maxmemory as a negative number, 0 for no limit.
   */
  configure(maxMemoryClients: number, maxMemoryBytes: number): void {
    let limit = maxMemoryClients;
    if (limit < 0) {
      const share = Math.floor((maxMemoryBytes * -limit) / 100);
      limit = maxMemoryBytes === 0 ? Number.POSITIVE_INFINITY : share;
    }
    this.#limitBytes = limit === 0 ? 0 : Math.max(limit, MIN_LIMIT_BYTES);
    this.isTracked = this.#limitBytes !== 0 || maxMemoryBytes !== 0;
    for (const bucket of this.#buckets) bucket.clear();
    this.measure();
  }

  /** Bytes that a client holds now. */
  static bytesOf(client: Client): number {
    return CLIENT_BYTES + client.transport.heldBytes() + client.multiBytes + client.featureBytes;
  }

  /** Measures all clients. */
  measure(): void {
    for (const client of this.#registry.all()) this.update(client);
  }

  /** Takes note of what a client holds now. */
  update(client: Client): void {
    if (client.closed) return;
    const bytes = ClientMemory.bytesOf(client);
    const delta = bytes - client.memoryBytes;
    if (client.countsAsReplica !== (client.bufferClass === 'replica')) this.#changeClass(client);
    if (client.countsAsReplica) this.replicaBytes += delta;
    else this.normalBytes += delta;
    client.memoryBytes = bytes;
    if (this.#limitBytes !== 0) this.#place(client, bytes);
  }

  #changeClass(client: Client): void {
    const moved = client.countsAsReplica ? -client.memoryBytes : client.memoryBytes;
    this.replicaBytes += moved;
    this.normalBytes -= moved;
    client.countsAsReplica = !client.countsAsReplica;
  }

  #place(client: Client, bytes: number): void {
    const mayGo = !client.noEvict && !client.closing && client.bufferClass !== 'replica';
    const index = mayGo ? bucketOf(bytes) : -1;
    if (index >= 0 && this.#buckets[index]!.has(client)) return;
    for (const bucket of this.#buckets) bucket.delete(client);
    if (index >= 0) this.#buckets[index]!.add(client);
  }

  /** A client has gone. */
  forget(client: Client): void {
    if (client.countsAsReplica) this.replicaBytes -= client.memoryBytes;
    else this.normalBytes -= client.memoryBytes;
    client.memoryBytes = 0;
    if (this.#limitBytes !== 0) for (const bucket of this.#buckets) bucket.delete(client);
  }

  /** Closes clients, largest first, until what is left is below the limit. */
  evict(): void {
    if (this.#limitBytes === 0) return;
    let index = BUCKET_COUNT - 1;
    while (this.normalBytes >= this.#limitBytes) {
      const [client] = this.#buckets[index]!;
      if (client === undefined) {
        if (--index >= 0) continue;
        this.onNobodyLeft();
        return;
      }
      this.onEvict(client);
      this.forget(client);
      this.evictedClients++;
      client.transport.close(client, false);
    }
  }

  /** Bytes and clients of each bucket, for DEBUG CLIENT-EVICTION. */
  histogram(): { readonly bytes: number; readonly clients: number }[] {
    return this.#buckets.map((bucket) => {
      let bytes = 0;
      for (const client of bucket) bytes += client.memoryBytes;
      return { bytes, clients: bucket.size };
    });
  }
}
