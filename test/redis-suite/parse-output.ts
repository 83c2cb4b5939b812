// Reads what the suite's runner prints into counts per test name. Pure: text in, result out. Line
// forms: `[ok]: name (3 ms)`, `[err]: name in tests/unit/x.tcl` with detail lines after it,
// `[ignore]: name: reason`, `[skip]: name`, `[exception]: text`, and `[1/1 done]: unit (2
// seconds)`. After "The End" the runner repeats the errors: not read again.

export interface UnitOutput {
  /** Test name to the number of times it passed. A name may occur many times in one unit. */
  readonly passed: Map<string, number>;
  /** Test name to the details of its failures. */
  readonly failed: Map<string, string[]>;
  /** Errors that belong to no test: a server that did not start, a sanitizer's report. */
  readonly loose: string[];
  readonly ignored: string[];
  readonly skipped: string[];
  /** What ended the unit early, if something did. */
  exception: string | undefined;
  /** True when the unit ran to its end. */
  finished: boolean;
}

const STATUS = /^\[(ok|err|ignore|skip|exception|TIMEOUT|\d+\/\d+ done)\]: ?(.*)$/;

/** Parses the output of one `runtest --single` call. */
export function parseOutput(text: string): UnitOutput {
  const output: UnitOutput = {
    passed: new Map(),
    failed: new Map(),
    loose: [],
    ignored: [],
    skipped: [],
    exception: undefined,
    finished: false,
  };
  let takeDetail: ((line: string) => void) | undefined;
  for (const line of text.split('\n')) {
    if (/^\s+The End$/.test(line)) break;
    const match = STATUS.exec(line);
    if (match === null) {
      if (/^\[(ready|testing|server-\w+)\]/.test(line)) takeDetail = undefined;
      else takeDetail?.(line);
      continue;
    }
    takeDetail = readStatus(output, match[1] ?? '', match[2] ?? '');
  }
  return output;
}

function readStatus(
  output: UnitOutput,
  status: string,
  rest: string,
): ((line: string) => void) | undefined {
  if (status === 'ok') {
    const name = testName(rest.replace(/ \(\d+ ms\)$/, ''));
    output.passed.set(name, (output.passed.get(name) ?? 0) + 1);
    return undefined;
  }
  if (status === 'err') return readError(output, rest);
  if (status === 'ignore') output.ignored.push(rest);
  else if (status === 'skip') output.skipped.push(testName(rest));
  else if (status === 'exception' || status === 'TIMEOUT') {
    output.exception = `${status}: ${rest}`;
    return (line) => {
      output.exception = `${output.exception ?? ''}\n${line}`;
    };
  } else output.finished = true;
  return undefined;
}

function readError(output: UnitOutput, rest: string): (line: string) => void {
  const match = /^(.*) in tests\/\S+\.tcl\s*$/.exec(rest);
  if (match === null) {
    const index = output.loose.push(rest) - 1;
    return (line) => {
      output.loose[index] += `\n${line}`;
    };
  }
  const details: string[] = [];
  const name = testName(match[1] ?? '');
  output.failed.set(name, [...(output.failed.get(name) ?? []), '']);
  return (line) => {
    details.push(line);
    const list = output.failed.get(name);
    if (list !== undefined) list[list.length - 1] = details.join('\n').trim();
  };
}

/** Some names carry a number that differs from run to run: a process id, a counter's value. */
function testName(text: string): string {
  return text.replace(/\((pid|x =) \d+\)/g, '($1 N)').trim();
}
