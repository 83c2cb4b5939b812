// GEORADIUSBYMEMBER and GEORADIUSBYMEMBER_RO: members around a member.
// https://redis.io/docs/latest/commands/georadiusbymember/

import type { CommandSpec } from '../../engine/command-spec.ts';
import { runSearch } from './searching.ts';

export const georadiusbymember: CommandSpec = {
  name: 'georadiusbymember',
  group: 'geo',
  since: '3.2.0',
  summary: 'Returns or stores the members within a distance of a member.',
  complexity:
    'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
  arity: -5,
  flags: ['write', 'denyoom'],
  acl: ['geo'],
  keys: [
    { flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } },
    {
      flags: ['OW', 'update'],
      begin: { keyword: 'STORE', startFrom: 5 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
    {
      flags: ['OW', 'update'],
      begin: { keyword: 'STOREDIST', startFrom: 5 },
      find: { lastKey: 0, step: 1, limit: 0 },
    },
  ],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
    { name: 'radius', type: 'double' },
    {
      name: 'unit',
      type: 'oneof',
      args: [
        { name: 'm', type: 'pure-token', token: 'M' },
        { name: 'km', type: 'pure-token', token: 'KM' },
        { name: 'ft', type: 'pure-token', token: 'FT' },
        { name: 'mi', type: 'pure-token', token: 'MI' },
      ],
    },
    { name: 'withcoord', type: 'pure-token', token: 'WITHCOORD', optional: true },
    { name: 'withdist', type: 'pure-token', token: 'WITHDIST', optional: true },
    { name: 'withhash', type: 'pure-token', token: 'WITHHASH', optional: true },
    {
      name: 'count-block',
      type: 'block',
      optional: true,
      args: [
        { name: 'count', type: 'integer', token: 'COUNT' },
        { name: 'any', type: 'pure-token', token: 'ANY', optional: true },
      ],
    },
    {
      name: 'order',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'asc', type: 'pure-token', token: 'ASC' },
        { name: 'desc', type: 'pure-token', token: 'DESC' },
      ],
    },
    {
      name: 'store',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'storekey', type: 'key', display: 'key', token: 'STORE', keySpecIndex: 1 },
        { name: 'storedistkey', type: 'key', display: 'key', token: 'STOREDIST', keySpecIndex: 2 },
      ],
    },
  ],
  history: [['7.0.0', 'Added support for uppercase unit names.']],
  deprecated: {
    since: '6.2.0',
    replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
  },
  docFlags: ['deprecated'],
  replies: ['array', 'integer'],
  run: (call) => runSearch(call, 'member', 'option'),
};

export const georadiusbymemberRo: CommandSpec = {
  name: 'georadiusbymember_ro',
  group: 'geo',
  since: '3.2.10',
  summary: 'Returns the members within a distance of a member.',
  complexity:
    'O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.',
  arity: -5,
  flags: ['readonly'],
  acl: ['geo'],
  keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { lastKey: 0, step: 1, limit: 0 } }],
  args: [
    { name: 'key', type: 'key', keySpecIndex: 0 },
    { name: 'member', type: 'string' },
    { name: 'radius', type: 'double' },
    {
      name: 'unit',
      type: 'oneof',
      args: [
        { name: 'm', type: 'pure-token', token: 'M' },
        { name: 'km', type: 'pure-token', token: 'KM' },
        { name: 'ft', type: 'pure-token', token: 'FT' },
        { name: 'mi', type: 'pure-token', token: 'MI' },
      ],
    },
    { name: 'withcoord', type: 'pure-token', token: 'WITHCOORD', optional: true },
    { name: 'withdist', type: 'pure-token', token: 'WITHDIST', optional: true },
    { name: 'withhash', type: 'pure-token', token: 'WITHHASH', optional: true },
    {
      name: 'count-block',
      type: 'block',
      optional: true,
      args: [
        { name: 'count', type: 'integer', token: 'COUNT' },
        { name: 'any', type: 'pure-token', token: 'ANY', optional: true },
      ],
    },
    {
      name: 'order',
      type: 'oneof',
      optional: true,
      args: [
        { name: 'asc', type: 'pure-token', token: 'ASC' },
        { name: 'desc', type: 'pure-token', token: 'DESC' },
      ],
    },
  ],
  deprecated: {
    since: '6.2.0',
    replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments',
  },
  docFlags: ['deprecated'],
  replies: ['array'],
  run: (call) => runSearch(call, 'member', 'never'),
};
