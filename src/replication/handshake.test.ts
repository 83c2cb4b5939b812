// What a replica says to its master, byte for byte: the order is what real masters are used to.

import { expect, it } from 'vitest';
import { Handshake, type HandshakeSettings } from './handshake.ts';

function begin(settings: Partial<HandshakeSettings>): {
  handshake: Handshake;
  sent: () => string[];
  logged: string[];
} {
  let output = '';
  const logged: string[] = [];
  const all = { user: '', password: null, port: 6379, address: '', ...settings };
  const handshake = new Handshake(
    all,
    (bytes) => {
      output += Buffer.from(bytes).toString('latin1');
    },
    (text) => logged.push(text),
  );
  const sent = (): string[] => {
    const words = output.split('\r\n').filter((line) => line !== '' && !/^[*$]\d+$/.test(line));
    output = '';
    return words;
  };
  return { handshake, sent, logged };
}

it('says what Redis 7.0 says, and waits for the first answer alone', () => {
  const { handshake, sent } = begin({});
  expect(sent()).toEqual(['PING']);
  expect(handshake.onLine('+PONG')).toBe('more');
  expect(sent()).toEqual([
    ...['REPLCONF', 'listening-port', '6379'],
    ...['REPLCONF', 'capa', 'eof', 'capa', 'psync2'],
  ]);
  expect(handshake.onLine('+OK')).toBe('more');
  expect(handshake.onLine('+OK')).toBe('ready');
  expect(sent()).toEqual([]);
});

it('shows a password, and announces an address', () => {
  const password = Buffer.from('s\0cret', 'latin1');
  const { handshake, sent } = begin({ user: 'r', password, address: '10.0.0.1', port: 7 });
  sent();
  handshake.onLine('-NOAUTH Authentication required.');
  expect(sent().slice(0, 9)).toEqual([
    ...['AUTH', 'r', 's\0cret'],
    ...['REPLCONF', 'listening-port', '7'],
    ...['REPLCONF', 'ip-address', '10.0.0.1'],
  ]);
  for (const answer of ['more', 'more', 'more', 'ready']) {
    expect(handshake.onLine('+OK')).toBe(answer);
  }
});

it('goes on where an old master knows no REPLCONF, and not without its password', () => {
  const old = begin({});
  old.handshake.onLine('+PONG');
  expect(old.handshake.onLine('-ERR unknown command')).toBe('more');
  expect(old.handshake.onLine('-ERR unknown command')).toBe('ready');
  expect(old.logged.at(-1)).toContain('REPLCONF capa');
  const locked = begin({ password: Buffer.from('x') });
  locked.handshake.onLine('+PONG');
  const answer = '-WRONGPASS invalid username-password pair';
  expect(locked.handshake.onLine(answer)).toEqual({
    failure: `Unable to AUTH to MASTER: ${answer}`,
  });
  const refused = begin({}).handshake.onLine('-LOADING Redis is loading');
  expect(refused).toEqual({
    failure: "Error reply to PING from master: '-LOADING Redis is loading'",
  });
});
