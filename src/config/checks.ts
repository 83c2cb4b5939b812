// Checks of a value beyond its type, by the names that the tables use. Each gives the reason for a
// refusal or null. They are pure; what must be tried for real (a port, a certificate) is refused by
// a listener of Config.onChange instead.
import type { CheckName } from './option.ts';
import type { Values } from './options/index.ts';

/** What a check may look at. */
export interface CheckContext {
  readonly values: Values;
  /** The server can move values together (activedefrag). */
  readonly canDefragment: boolean;
}

type Check = (value: unknown, context: CheckContext) => string | null;

const PROC_TITLE_ERROR = 'template format is invalid or contains unknown variables';

/** What the variables of proc-title-template stand for besides the options. */
export interface ProcTitleNames {
  readonly title: string;
  readonly configFile: string | null;
  readonly sentinel: boolean;
}

function procTitleVariable(name: string, values: Values, names: ProcTitleNames): string | null {
  switch (name) {
    case 'title':
      return names.title;
    case 'listen-addr':
      if (values.port === 0 && values['tls-port'] === 0) return `unixsocket:${values.unixsocket}`;
      return `${values.bind[0] ?? '*'}:${values.port === 0 ? values['tls-port'] : values.port}`;
    case 'server-mode':
      if (values['cluster-enabled']) return '[cluster]';
      return names.sentinel ? '[sentinel]' : '';
    case 'config-file':
      return names.configFile ?? '-';
    case 'port':
    case 'tls-port':
      return String(values[name]);
    case 'unixsocket':
      return values.unixsocket;
    default:
      return null;
  }
}

/**
 * Fills in proc-title-template.
 * @returns the title of the process, or null when the template has a mistake
 */
export function expandProcTitle(
  template: string,
  values: Values,
  names: ProcTitleNames,
): string | null {
  let title = '';
  let at = 0;
  for (;;) {
    const open = template.indexOf('{', at);
    if (open < 0) return trimSpaces(title + template.slice(at));
    title += template.slice(at, open);
    if (template.charAt(open + 1) === '{') {
      title += '{';
      at = open + 2;
      continue;
    }
    const close = template.indexOf('}', open);
    if (close < 0) return null;
    const text = procTitleVariable(template.slice(open + 1, close), values, names);
    if (text === null) return null;
    title += text;
    at = close + 1;
  }
}

function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, '');
}

/**
 * Whether a locale name is one that comparing strings here can follow: the C locale or a known
 * language.
 */
export function isKnownLocale(name: string): boolean {
  if (name === '' || /^(?:POSIX|C(?:\.(?:UTF-8|utf8))?)$/.test(name)) return true;
  const match = /^([a-z]{2,3})_([A-Z]{2})(?:\.(?:UTF-8|utf8))?(?:@[a-z]+)?$/.exec(name);
  if (match === null) return false;
  return Intl.Collator.supportedLocalesOf([`${match[1]}-${match[2]}`]).length > 0;
}

function isPath(value: unknown): boolean {
  return /[/\\]/.test(String(value));
}

const CHECKS: { readonly [N in CheckName]: Check } = {
  'active-defrag': (value, { canDefragment }) =>
    value === true && !canDefragment
      ? 'Active defragmentation cannot be enabled: it requires a Redis server compiled with a ' +
        'modified Jemalloc like the one shipped by default with the Redis source distribution'
      : null,
  'rdb-file-name': (value) =>
    isPath(value) ? "dbfilename can't be a path, just a filename" : null,
  'aof-file-name': (value) => {
    if (value === '') return "appendfilename can't be empty";
    return isPath(value) ? "appendfilename can't be a path, just a filename" : null;
  },
  'aof-dir-name': (value) => {
    if (value === '') return "appenddirname can't be empty";
    return isPath(value) ? "appenddirname can't be a path, just a dirname" : null;
  },
  'shutdown-flags': (value) =>
    Array.isArray(value) && value.includes('save') && value.includes('nosave')
      ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
      : null,
  'host-name': (value) => {
    if (String(value).length >= 256) return 'Hostnames must be less than 256 characters';
    return /^[A-Za-z0-9.-]*$/.test(String(value))
      ? null
      : 'Hostnames may only contain alphanumeric characters, hyphens or dots';
  },
  'node-name': (value) =>
    /[\0!#$%&()*+:;<>?@[\]^{|}~]/.test(String(value))
      ? 'Announced human node name contained invalid character'
      : null,
  'proc-title': (value, { values }) => {
    const names: ProcTitleNames = { title: '', configFile: null, sentinel: false };
    const title = expandProcTitle(String(value), values, names);
    return title === null || title === '' ? PROC_TITLE_ERROR : null;
  },
  locale: (value) => (isKnownLocale(String(value)) ? null : 'Invalid locale name'),
};

/** Runs the check of that name: null, or the reason to refuse the value (as `Values` types it). */
export function runCheck(name: CheckName, value: unknown, context: CheckContext): string | null {
  return CHECKS[name](value, context);
}
