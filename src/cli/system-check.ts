// --check-system, and the warnings at the start: settings of Linux that make a server of this kind
// slow or fragile. Each check answers with advice, or that all is well, or that it cannot tell.

import { readFileSync } from 'node:fs';

/** null: cannot tell here; '': all is well; otherwise what is wrong and what to do. */
export type CheckOutcome = string | null;

export interface SystemCheck {
  readonly name: string;
  readonly run: (read: ReadSetting) => CheckOutcome;
}

/** Reads a setting of the kernel, null where there is no such. */
export type ReadSetting = (path: string) => string | null;

const CLOCK = '/sys/devices/system/clocksource/clocksource0';

export const readSetting: ReadSetting = (path) => {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return null;
  }
};

export const systemChecks: readonly SystemCheck[] = [
  {
    name: 'slow-clocksource',
    run(read) {
      const current = read(`${CLOCK}/current_clocksource`);
      if (current === null) return null;
      if (!['hpet', 'acpi_pm', 'pit', 'jiffies'].includes(current)) return '';
      const others = read(`${CLOCK}/available_clocksource`) ?? '';
      return (
        `The clock of the system is slow to read: ${current}. Of ${others}, a quicker one can be ` +
        `taken: run 'echo <name> > ${CLOCK}/current_clocksource' as root.`
      );
    },
  },
  {
    name: 'xen-clocksource',
    run(read) {
      const current = read(`${CLOCK}/current_clocksource`);
      if (current === null) return null;
      if (current !== 'xen') return '';
      return (
        "The clock of the system is 'xen', which is slow to read. Run " +
        `'echo tsc > ${CLOCK}/current_clocksource' as root, and make that permanent.`
      );
    },
  },
  {
    name: 'overcommit',
    run(read) {
      const mode = read('/proc/sys/vm/overcommit_memory');
      if (mode === null) return null;
      if (mode !== '2') return '';
      return (
        'The system counts memory strictly (overcommit_memory is 2): a large part of the memory ' +
        'may be refused to the server although it is free. Set vm.overcommit_memory to 0 or 1.'
      );
    },
  },
  {
    name: 'THP',
    run(read) {
      const mode = read('/sys/kernel/mm/transparent_hugepage/enabled');
      if (mode === null) return null;
      if (!mode.includes('[always]')) return '';
      return (
        "Transparent huge pages are set to 'always': more memory may be held than is used. Run " +
        "'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled' as root."
      );
    },
  },
];

/** Runs all checks. @returns the text to print, and whether nothing is wrong. */
export function checkSystem(read: ReadSetting): {
  readonly text: string;
  readonly isWell: boolean;
} {
  let text = '';
  let isWell = true;
  for (const { name, run } of systemChecks) {
    const outcome = run(read);
    text += `[${name}]...${outcome === null ? 'skipped' : outcome === '' ? 'OK' : `WARNING:\n${outcome}`}\n`;
    if (outcome !== null && outcome !== '') isWell = false;
  }
  return { text, isWell };
}
