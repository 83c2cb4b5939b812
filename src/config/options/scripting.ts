// Options of scripts and functions. Data only; see ../option.ts.

export const scriptingOptions = {
  'busy-reply-threshold': {
    type: 'integer',
    default: 5000,
    min: 0,
    max: 'INT64_MAX',
    alias: 'lua-time-limit',
    about: 'Milliseconds after which a running script lets other clients be told BUSY; 0 never.',
  },
  'lua-enable-deprecated-api': {
    type: 'bool',
    default: false,
    immutable: true,
    hidden: true,
    about: 'Give scripts the functions of Lua that are deprecated as unsafe (setfenv and others).',
  },
} as const;
