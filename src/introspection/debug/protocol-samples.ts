// DEBUG PROTOCOL: one reply of each kind, for those who write clients.

import type { Call } from '../../engine/call.ts';
import type { Args } from '../../protocol/args.ts';
import { replyError } from '../../protocol/reply-errors.ts';
import type { ReplyWriter } from '../../protocol/reply-writer.ts';

const UNKNOWN_KIND = replyError(
  'ERR Wrong protocol type name. Please use one of the following: ' +
    'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
);
const NEEDS_RESP3 = replyError('ERR RESP2 is not supported by this command');

function countUp(reply: ReplyWriter): void {
  for (let i = 0; i < 3; i++) reply.integer(i);
}

const SAMPLES: Readonly<Record<string, (reply: ReplyWriter) => void>> = {
  string: (reply) => reply.bulkLatin1('Hello World'),
  integer: (reply) => reply.integer(12345),
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: clients expect this number, not pi
  double: (reply) => reply.double(3.141),
  bignum: (reply) => reply.bigNumber('1234567999999999999999999999999999999'),
  null: (reply) => reply.null(),
  array(reply) {
    reply.array(3);
    countUp(reply);
  },
  set(reply) {
    reply.set(3);
    countUp(reply);
  },
  map(reply) {
    reply.map(3);
    for (let i = 0; i < 3; i++) {
      reply.integer(i);
      reply.boolean(i === 1);
    }
  },
  attrib(reply) {
    if (reply.resp3) {
      reply.attribute(1);
      reply.bulkLatin1('key-popularity');
      reply.array(2);
      reply.bulkLatin1('key:123');
      reply.integer(90);
    }
    // An attribute is no reply of its own, so one follows.
    reply.bulkLatin1('Some real reply following the attribute');
  },
  push(reply) {
    if (!reply.resp3) {
      reply.error(NEEDS_RESP3);
      return;
    }
    // What is pushed while a command runs leaves behind its reply, whatever the text says.
    reply.bulkLatin1('Some real reply following the push reply');
    reply.push(2);
    reply.bulkLatin1('server-cpu-usage');
    reply.integer(42);
  },
  verbatim: (reply) => reply.verbatim('txt', 'This is a verbatim\nstring'),
  true: (reply) => reply.boolean(true),
  false: (reply) => reply.boolean(false),
};

export function runProtocol(call: Call, args: Args): void {
  const kind = args.latin1(2).toLowerCase();
  const sample = Object.hasOwn(SAMPLES, kind) ? SAMPLES[kind] : undefined;
  if (sample === undefined) call.reply.error(UNKNOWN_KIND);
  else sample(call.reply);
}
