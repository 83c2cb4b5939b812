// The versions that this program tells of itself.

/** Version of Redis whose behaviour this is. */
export const REDIS_VERSION = '7.2.5';
/** Version of this package; a test compares it with package.json. */
export const DISGO_VERSION = '0.1.0';
