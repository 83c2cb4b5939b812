// The tls-* options as node:tls wants them. What is missing or wrong is told as Redis tells it, in
// the log; CONFIG SET and the start of the server only say that there is something in the log.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectionOptions, SecureVersion, TlsOptions } from 'node:tls';
import type { Config } from '../config/config.ts';
import { systemPath } from '../runtime/files.ts';

/** OpenSSL's flag that keeps sessions from being resumed. */
const SSL_OP_NO_TICKET = 0x4000;
const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
/** OpenSSL's own lists, for the half that no option names: node:tls takes both in one list. */
const DEFAULT_CIPHERS = 'DEFAULT';
const DEFAULT_CIPHERSUITES =
  'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256';

/** Options of which a change makes a new context. */
export const TLS_OPTION_NAMES = [
  'tls-cert-file',
  'tls-key-file',
  'tls-key-file-pass',
  'tls-dh-params-file',
  'tls-ca-cert-file',
  'tls-ca-cert-dir',
  'tls-protocols',
  'tls-ciphers',
  'tls-ciphersuites',
  'tls-prefer-server-ciphers',
  'tls-auth-clients',
  'tls-replication',
  'tls-cluster',
  'tls-session-caching',
  'tls-session-cache-timeout',
] as const;

/** Why TLS cannot be set up; the message is for the log. */
export class TlsConfigError extends Error {
  readonly code = 'DISGO_TLS';
}

/** Runs `read`; a failure becomes one of the configuration. */
function configured<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TlsConfigError(`${what}: ${reason}`, { cause });
  }
}

/** First and last protocol version of a list of names. */
function versionRange(names: string): { minVersion: SecureVersion; maxVersion: SecureVersion } {
  const words = names.toLowerCase().split(/\s+/);
  const wanted = words.filter((word) => word !== '');
  const found = VERSIONS.filter((version) => wanted.includes(version.toLowerCase()));
  if (found.length !== new Set(wanted).size) {
    throw new TlsConfigError(
      "Invalid tls-protocols specified. Use a combination of 'TLSv1', 'TLSv1.1', 'TLSv1.2' and 'TLSv1.3'.",
    );
  }
  return { minVersion: found[0] ?? 'TLSv1.2', maxVersion: found.at(-1) ?? 'TLSv1.3' };
}

/** The certificates of `tls-ca-cert-file` and of all files in `tls-ca-cert-dir`. */
function readAuthorities(file: string, folder: string): Buffer[] {
  const paths = file === '' ? [] : [systemPath(file)];
  if (folder !== '') {
    const path = systemPath(folder);
    const entries = readdirSync(path, { withFileTypes: true });
    for (const entry of entries) if (!entry.isDirectory()) paths.push(join(path, entry.name));
  }
  const contents = paths.map((path) => readFileSync(path));
  return contents.filter((bytes) => bytes.includes('-----BEGIN CERTIFICATE-----'));
}

/**
 * Options of node:tls for a configuration, tried out.
 * @throws TlsConfigError when a file is missing or cannot be used, or a value is wrong.
 */
export function tlsOptions(config: Config): TlsOptions {
  const { values } = config;
  const certFile = values['tls-cert-file'];
  const keyFile = values['tls-key-file'];
  const authFile = values['tls-ca-cert-file'];
  const authFolder = values['tls-ca-cert-dir'];
  const authClients = values['tls-auth-clients'];
  const dhFile = values['tls-dh-params-file'];
  const passphrase = values['tls-key-file-pass'];
  if (certFile === '') throw new TlsConfigError('No tls-cert-file configured!');
  if (keyFile === '') throw new TlsConfigError('No tls-key-file configured!');
  const verifies = authClients !== 'no' || values['tls-cluster'] || values['tls-replication'];
  if (verifies && authFile === '' && authFolder === '') {
    throw new TlsConfigError(
      'Either tls-ca-cert-file or tls-ca-cert-dir must be specified when tls-cluster, tls-replication or tls-auth-clients are enabled!',
    );
  }
  const suites = values['tls-ciphersuites'] || DEFAULT_CIPHERSUITES;
  const ciphers = values['tls-ciphers'] || DEFAULT_CIPHERS;
  const read = (path: string): Buffer =>
    configured(`Failed to load ${path}`, () => readFileSync(systemPath(path)));
  const options: TlsOptions = {
    cert: read(certFile),
    key: read(keyFile),
    ...(passphrase === '' ? {} : { passphrase }),
    ca: configured('Failed to configure CA certificate(s) file/directory', () =>
      readAuthorities(authFile, authFolder),
    ),
    ...(dhFile === '' ? {} : { dhparam: read(dhFile) }),
    ciphers: `${suites}:${ciphers}`,
    ...versionRange(values['tls-protocols']),
    honorCipherOrder: values['tls-prefer-server-ciphers'],
    ...(values['tls-session-caching'] ? {} : { secureOptions: SSL_OP_NO_TICKET }),
    sessionTimeout: values['tls-session-cache-timeout'],
    requestCert: authClients !== 'no',
    rejectUnauthorized: authClients === 'yes',
  };
  // Loaded when it is needed: see Listeners.updateTls.
  const tls = process.getBuiltinModule('node:tls');
  configured('Failed to configure TLS', () => tls.createSecureContext(options));
  return options;
}

/**
 * Options for connections that this server opens itself: its client certificate, or else the one
 * that it serves with. The other side must have a certificate of the same authorities; its name is
 * not looked at, as in Redis.
 * @throws TlsConfigError
 */
export function tlsClientOptions(config: Config): ConnectionOptions {
  const { values } = config;
  const hasOwn = values['tls-client-cert-file'] !== '';
  const certFile = hasOwn ? values['tls-client-cert-file'] : values['tls-cert-file'];
  const keyFile = hasOwn ? values['tls-client-key-file'] : values['tls-key-file'];
  const passphrase = hasOwn ? values['tls-client-key-file-pass'] : values['tls-key-file-pass'];
  const read = (path: string): Buffer =>
    configured(`Failed to load ${path}`, () => readFileSync(systemPath(path)));
  return {
    ...(certFile === '' ? {} : { cert: read(certFile), key: read(keyFile) }),
    ...(passphrase === '' ? {} : { passphrase }),
    ca: configured('Failed to configure CA certificate(s) file/directory', () =>
      readAuthorities(values['tls-ca-cert-file'], values['tls-ca-cert-dir']),
    ),
    ...versionRange(values['tls-protocols']),
    checkServerIdentity: () => undefined,
  };
}
