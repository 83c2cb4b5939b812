// Bad and unusual manners of clients: replies switched off, commands in pieces, reading that stops,
// wrong commands, clients that end or wake others, and keys that expire while they are looked at.
import type { Random } from '../support/random.ts';
import { encodeCommand } from '../support/resp.ts';
import { is, isBulk, isError, isInteger, isOk, isOneOf, tokensOf } from './expect.ts';
import type { OwnKeys } from './own-keys.ts';
import type { Session } from './session.ts';

/** Where keys lie that nobody asks for after they have expired. */
export const EXPIRING_DATABASE = 9;

/** Own keys change, unseen: later replies show whether the silent commands have run. */
export function beQuiet(session: Session, random: Random, own: OwnKeys): void {
  if (random.chance(0.5)) {
    session.sendSilent(['CLIENT', 'REPLY', 'SKIP']);
    session.sendSilent(own.draw(random)[0]);
  } else {
    session.sendSilent(['CLIENT', 'REPLY', 'OFF']);
    for (let left = random.between(0, 6); left > 0; left--) {
      session.sendSilent(own.draw(random)[0]);
    }
    session.send('own keys', ['CLIENT', 'REPLY', 'ON'], isOk);
  }
  session.echo();
}

/** The same commands as others send, in small pieces, each in a turn of its own. */
export async function dribble(session: Session, random: Random, own: OwnKeys): Promise<void> {
  for (let left = random.between(1, 4); left > 0; left--) {
    const [args, check] = own.draw(random);
    session.send('own keys', args, check);
  }
  session.echo();
  const bytes = session.takeBytes();
  for (let at = 0; at < bytes.length && !session.isClosed; ) {
    const size = random.between(1, 40);
    session.socket.write(bytes.subarray(at, at + size));
    at += size;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await session.flush();
}

/** Sends a part of a command and goes; the whole commands before it may run or not. */
export async function leaveInTheMiddle(
  session: Session,
  random: Random,
  own: OwnKeys,
): Promise<void> {
  for (let left = random.below(5); left > 0; left--) {
    const [args, check] = own.draw(random);
    session.send('own keys', args, check);
  }
  session.write();
  const bytes = encodeCommand(['SET', 'never-whole', 'x'.repeat(random.between(1, 40_000))]);
  session.socket.write(bytes.subarray(0, random.between(1, bytes.length - 1)));
  if (random.chance(0.5)) await session.world.progress(random.below(100));
  await session.close();
}

/** Asks for more than the sockets hold, and reads it only when others have come some way. */
export async function readSlowly(session: Session, random: Random): Promise<void> {
  const long = 'abcdefgh'.repeat(random.between(100, 1000));
  session.socket.pause();
  for (let left = random.between(20, 80); left > 0; left--) {
    const word = `${session.world.nextSerial()}${long}`;
    session.send('order', ['ECHO', word], is(`$${word}`));
  }
  session.write();
  await session.world.progress(random.between(100, 2000));
  session.socket.resume();
  await session.flush();
}

/** What the server refuses. */
export function err(session: Session, random: Random): void {
  switch (random.below(5)) {
    case 0:
      session.send('own keys', ['NOSUCHCOMMAND', 'a'], isError('ERR unknown command'));
      break;
    case 1:
      session.send('own keys', ['GET'], isError('ERR wrong number of arguments'));
      break;
    case 2:
      session.send('own keys', ['EXEC'], isError('ERR EXEC without MULTI'));
      break;
    case 3:
      session.send('own keys', ['SELECT', '99'], isError('ERR DB index is out of range'));
      break;
    default:
      session.send('own keys', ['AUTH', 'loader', 'wrong'], isError('WRONGPASS'));
  }
}

/** Ends another client, in one of the ways there are. */
export function kill(session: Session, victim: Session, random: Random): void {
  victim.mayEnd = true;
  const { localPort } = victim.socket;
  if (random.chance(0.5) || localPort === undefined) {
    const check = isOneOf(isInteger(1), isInteger(0));
    session.send('connections', ['CLIENT', 'KILL', 'ID', victim.id], check);
  } else {
    const check = isOneOf(isOk, isError('ERR No such client'));
    session.send('connections', ['CLIENT', 'KILL', `127.0.0.1:${localPort}`], check);
  }
}

/** Wakes another client that waits. */
export function unblock(session: Session, sleeper: Session, random: Random): void {
  sleeper.wasUnblocked = true;
  const how = random.pick(['TIMEOUT', 'ERROR']);
  const check = isOneOf(isInteger(1), isInteger(0));
  session.send('queues', ['CLIENT', 'UNBLOCK', sleeper.id, how], check);
}

/**
 * A key that lives for some milliseconds: its value until it is gone, then nothing for ever.
 * Half of them are left for the server to find.
 */
export function expire(session: Session, random: Random): void {
  const key = `expires:${session.label}:${session.world.nextSerial()}`;
  const value = `v${random.below(1000)}`;
  let isGone = false;
  session.send('expiry', ['SELECT', EXPIRING_DATABASE], isOk);
  session.send('expiry', ['SET', key, value, 'PX', random.between(1, 40)], isOk);
  for (let left = random.below(6); left > 0; left--) {
    session.send('expiry', ['GET', key], (reply) => {
      if (isBulk(undefined)(reply) === undefined) {
        isGone = true;
        return undefined;
      }
      return isGone ? 'is back after it had expired' : isBulk(value)(reply);
    });
    session.send('expiry', ['PTTL', key], (reply) => {
      const left = Number(tokensOf(reply)[0]?.slice(1));
      if (left === -2) {
        isGone = true;
        return undefined;
      }
      return !isGone && left >= 0 && left <= 40 ? undefined : `wants 0 to 40 or -2, got ${left}`;
    });
    session.echo();
  }
  const lasting = `${key}:lasting`;
  session.send('expiry', ['SET', lasting, value, 'PX', 100_000_000], isOk);
  session.send('expiry', ['GET', lasting], isBulk(value));
  session.send('expiry', ['PEXPIRE', lasting, random.chance(0.5) ? 0 : 20], isInteger(1));
  session.send('expiry', ['SELECT', session.database], isOk);
}
