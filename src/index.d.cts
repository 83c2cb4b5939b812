// Declarations of the package for whoever gets it by require(): those of the module (index.ts), in
// the words that TypeScript wants of CommonJS. The build copies this file to dist/types/.

import type * as disgo from './index.js' with { 'resolution-mode': 'import' };

export declare const createServer: typeof disgo.createServer;
export declare const DisgoError: typeof disgo.DisgoError;
export declare const DISGO_VERSION: typeof disgo.DISGO_VERSION;
export declare const REDIS_VERSION: typeof disgo.REDIS_VERSION;
export type DisgoError = disgo.DisgoError;
export type DisgoErrorCode = disgo.DisgoErrorCode;
export type DisgoServer = disgo.DisgoServer;
export type ServerOptions = disgo.ServerOptions;
