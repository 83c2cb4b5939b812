// Options of TLS. Data only; see ../option.ts. A file's option is volatile: naming the same path
// again loads the certificate again.

export const tlsOptions = {
  'tls-port': {
    type: 'integer',
    default: 0,
    min: 0,
    max: 65535,
    about: 'TCP port for clients that speak TLS; 0 opens none.',
  },
  'tls-session-cache-size': {
    type: 'integer',
    default: 20480,
    min: 0,
    max: 'INT32_MAX',
    about: 'TLS sessions kept for resumption; 0 means without limit.',
  },
  'tls-session-cache-timeout': {
    type: 'integer',
    default: 300,
    min: 0,
    max: 'INT32_MAX',
    about: 'Seconds that a TLS session can be resumed.',
  },
  'tls-cluster': { type: 'bool', default: false, about: 'Speak TLS on the cluster bus.' },
  'tls-replication': { type: 'bool', default: false, about: 'Speak TLS to the master.' },
  'tls-auth-clients': {
    type: 'enum',
    default: 'yes',
    values: ['no', 'yes', 'optional'],
    about: 'Whether a TLS client must show a certificate.',
  },
  'tls-prefer-server-ciphers': {
    type: 'bool',
    default: false,
    about: 'Choose the cipher by the order of the server, not of the client.',
  },
  'tls-session-caching': {
    type: 'bool',
    default: true,
    about: 'Allow TLS sessions to be resumed.',
  },
  'tls-cert-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of the server certificate, PEM.',
  },
  'tls-key-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of the private key of the server certificate, PEM.',
  },
  'tls-key-file-pass': {
    type: 'string',
    default: null,
    about: 'Passphrase of tls-key-file.',
  },
  'tls-client-cert-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of the certificate shown to a master or a cluster node, PEM.',
  },
  'tls-client-key-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of the private key of tls-client-cert-file, PEM.',
  },
  'tls-client-key-file-pass': {
    type: 'string',
    default: null,
    about: 'Passphrase of tls-client-key-file.',
  },
  'tls-dh-params-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of Diffie-Hellman parameters, PEM.',
  },
  'tls-ca-cert-file': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'File of the certificates that client certificates are checked against, PEM.',
  },
  'tls-ca-cert-dir': {
    type: 'string',
    default: null,
    volatile: true,
    about: 'Folder of the certificates that client certificates are checked against.',
  },
  'tls-protocols': {
    type: 'string',
    default: null,
    about: 'TLS versions to accept, separated by spaces; empty means TLSv1.2 and TLSv1.3.',
  },
  'tls-ciphers': { type: 'string', default: null, about: 'Ciphers for TLS up to 1.2.' },
  'tls-ciphersuites': { type: 'string', default: null, about: 'Cipher suites for TLS 1.3.' },
} as const;
