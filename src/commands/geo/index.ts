// The commands of the group "geo".

import type { CommandSpec } from '../../engine/command-spec.ts';
import { geoadd } from './geoadd.ts';
import { geodist } from './geodist.ts';
import { geohash } from './geohash.ts';
import { geopos } from './geopos.ts';
import { georadius, georadiusRo } from './georadius.ts';
import { georadiusbymember, georadiusbymemberRo } from './georadiusbymember.ts';
import { geosearch } from './geosearch.ts';
import { geosearchstore } from './geosearchstore.ts';

export const geoCommands: readonly CommandSpec[] = [
  geoadd,
  geodist,
  geohash,
  geopos,
  georadius,
  georadiusRo,
  georadiusbymember,
  georadiusbymemberRo,
  geosearch,
  geosearchstore,
];
