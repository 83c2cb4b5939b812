// A short name for what this build was made of, as INFO and --version show it.

import { createHash } from 'node:crypto';

/** The version in sixteen digits: builds of the same version are the same. */
export function buildId(version: string): string {
  return createHash('sha1').update(`disgo ${version}`).digest('hex').slice(0, 16);
}
