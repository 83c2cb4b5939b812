// Counters of the server as INFO stats shows them, and the rates over the last seconds.

import { EventLoopFigures } from './event-loop-figures.ts';
import { LatencyMonitor } from './latency/latency-monitor.ts';
import { Rate } from './rate.ts';
import { SlowLog } from './slowlog/slow-log.ts';

export class ServerStatistics {
  netInputBytes = 0;
  netOutputBytes = 0;
  /** The parts of them that come from a master and go to replicas. */
  replicationInputBytes = 0;
  /** Errors that went to a master, to a replica or to an append-only file that is loaded. */
  unexpectedErrorReplies = 0;
  replicationOutputBytes = 0;
  readsProcessed = 0;
  writesProcessed = 0;
  unexpectedDisconnects = 0;
  queryBufferLimitDisconnects = 0;
  outputBufferLimitDisconnects = 0;
  replyBufferShrinks = 0;
  replyBufferExpands = 0;
  aclDeniedAuth = 0;
  aclDeniedCommand = 0;
  aclDeniedKey = 0;
  aclDeniedChannel = 0;
  /** `used_memory` before there was data. */
  startupBytes = 0;
  readonly eventLoop: EventLoopFigures = new EventLoopFigures();
  /** How replicas were synchronized. */
  readonly sync: { full: number; partialOk: number; partialFailed: number } = {
    full: 0,
    partialOk: 0,
    partialFailed: 0,
  };
  /** Logs of what took too long; CONFIG RESETSTAT leaves them alone. */
  readonly slowLog: SlowLog = new SlowLog();
  readonly latency: LatencyMonitor = new LatencyMonitor();
  readonly commandRate: Rate = new Rate();
  readonly inputRate: Rate = new Rate();
  readonly outputRate: Rate = new Rate();
  readonly replicationInputRate: Rate = new Rate();
  readonly replicationOutputRate: Rate = new Rate();

  /** Takes samples of all rates: some times a second. */
  sample(commands: number, nowMs: number): void {
    this.commandRate.sample(commands, nowMs);
    this.inputRate.sample(this.netInputBytes, nowMs);
    this.outputRate.sample(this.netOutputBytes, nowMs);
    this.replicationInputRate.sample(this.replicationInputBytes, nowMs);
    this.replicationOutputRate.sample(this.replicationOutputBytes, nowMs);
    this.eventLoop.sample(nowMs);
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.netInputBytes = 0;
    this.netOutputBytes = 0;
    this.replicationInputBytes = 0;
    this.unexpectedErrorReplies = 0;
    this.replicationOutputBytes = 0;
    this.readsProcessed = 0;
    this.writesProcessed = 0;
    this.unexpectedDisconnects = 0;
    this.queryBufferLimitDisconnects = 0;
    this.outputBufferLimitDisconnects = 0;
    this.replyBufferShrinks = 0;
    this.replyBufferExpands = 0;
    this.eventLoop.reset();
    this.sync.full = 0;
    this.sync.partialOk = 0;
    this.sync.partialFailed = 0;
    this.commandRate.reset();
    this.inputRate.reset();
    this.outputRate.reset();
    this.replicationInputRate.reset();
    this.replicationOutputRate.reset();
  }
}
