// The commands of the group "cluster".

import type { CommandSpec } from '../../engine/command-spec.ts';
import { asking } from './asking.ts';
import { cluster } from './cluster.ts';
import { readonly } from './readonly.ts';
import { readwrite } from './readwrite.ts';

export const clusterCommands: readonly CommandSpec[] = [asking, cluster, readonly, readwrite];
