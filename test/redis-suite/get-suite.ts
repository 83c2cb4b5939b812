// Gets Redis's own test suite: from a folder named by DISGO_REDIS_SUITE, or, where nothing is
// named, from Debian's source package into .suite/ (3 MB, never committed). apt is given its own
// lists and cache inside .suite/, made from this machine's sources, so that neither root rights nor
// a change of the system's settings are needed. The folder is read only: workspace.ts makes working
// copies.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { repositoryRoot } from '../support/programs.ts';

/** The release that baseline.json was recorded with. */
export const suiteVersion = '7.0.15';

/** The folder that holds the cached suite, the working copies' logs and apt's own files. */
export const suiteCache: string = join(repositoryRoot, '.suite');

/**
 * The root folder of the suite (the one that holds `runtest`).
 * @throws Error that says what to install when it cannot be had.
 */
export function getSuite(): string {
  const named = process.env.DISGO_REDIS_SUITE;
  if (named !== undefined && named !== '') return checked(resolve(named));
  const target = join(suiteCache, `redis-${suiteVersion}`);
  if (!existsSync(join(target, 'runtest'))) download(target);
  return checked(target);
}

function checked(folder: string): string {
  if (!existsSync(join(folder, 'runtest'))) throw new Error(`no Redis suite in ${folder}`);
  const versionFile = join(folder, 'src', 'version.h');
  if (existsSync(versionFile)) {
    const version = /"(.+)"/.exec(readFileSync(versionFile, 'utf8'))?.[1];
    if (version !== suiteVersion) {
      throw new Error(`the suite in ${folder} is ${version}; the baseline is of ${suiteVersion}`);
    }
  }
  return folder;
}

function download(target: string): void {
  const scratch = join(suiteCache, 'apt');
  rmSync(scratch, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'cache/archives/partial', 'unpacked']) {
    mkdirSync(join(scratch, folder), { recursive: true });
  }
  writeFileSync(join(scratch, 'sources.list'), `${sourceLines().join('\n')}\n`);
  const options = [
    `Dir::Etc::SourceList=${join(scratch, 'sources.list')}`,
    'Dir::Etc::SourceParts=/dev/null',
    `Dir::State::Lists=${join(scratch, 'lists')}`,
    `Dir::Cache=${join(scratch, 'cache')}`,
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  const run = (program: string, ...args: string[]): void => {
    execFileSync(program, args, {
      cwd: join(scratch, 'unpacked'),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  };
  try {
    run('apt-get', ...options, '-q', 'update');
    run('apt-get', ...options, '-q', 'source', '--download-only', 'redis');
    const description = readdirSync(join(scratch, 'unpacked')).find((f) => f.endsWith('.dsc'));
    if (description === undefined) throw new Error('apt-get source brought no .dsc file');
    run('dpkg-source', '--no-check', '-x', description, 'redis');
  } catch (cause) {
    throw new Error(
      "cannot get Redis's suite: it needs apt-get and dpkg-source (Debian's dpkg-dev), " +
        'or DISGO_REDIS_SUITE=<folder of the unpacked source>',
      { cause },
    );
  }
  // Renamed at the end only: an interrupted download never looks like a suite.
  renameSync(join(scratch, 'unpacked', 'redis'), target);
  rmSync(scratch, { recursive: true, force: true });
}

/** This machine's apt sources, each as a `deb-src` line (both formats of apt are read). */
function sourceLines(): string[] {
  const lines: string[] = [];
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list'];
  if (existsSync(folder)) files.push(...readdirSync(folder).map((name) => join(folder, name)));
  for (const file of files) {
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.sources')) lines.push(...stanzaLines(text));
    else if (file.endsWith('.list')) {
      for (const line of text.split('\n')) {
        if (/^deb(-src)?\s/.test(line)) lines.push(line.replace(/^deb(-src)?\s/, 'deb-src '));
      }
    }
  }
  return [...new Set(lines)];
}

function stanzaLines(text: string): string[] {
  const lines: string[] = [];
  for (const stanza of text.split(/\n\s*\n/)) {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:[ \\t]*(.+)$`, 'im').exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    const signedBy = field('Signed-By')[0];
    const option = signedBy?.startsWith('/') ? `[signed-by=${signedBy}] ` : '';
    for (const uri of field('URIs')) {
      for (const suite of field('Suites')) {
        lines.push(`deb-src ${option}${uri} ${suite} ${field('Components').join(' ')}`.trim());
      }
    }
  }
  return lines;
}
