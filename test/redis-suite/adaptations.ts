// What the suite of 7.0 expects otherwise than Redis 7.2, which disgo follows, answers: texts that
// are replaced in the copy that is run, so that the tests around them still judge. Each must be
// found. Owned by test/redis-suite; applied by workspace.ts.

export interface Adaptation {
  /** Path of the file in the suite. */
  readonly file: string;
  readonly from: RegExp;
  /** Replacement, as of String.replace. */
  readonly to: string;
  readonly reason: string;
}

const accessReason = 'since 7.2 a refusal reads "No permissions to access a key" or "a channel"';
const dryRunReason = 'since 7.2 ACL DRYRUN names the user';

export const adaptations: readonly Adaptation[] = [
  {
    file: 'tests/support/test.tcl',
    from: / {4}set val \[r object encoding \$key\]\n/,
    to: '$&    if {$enc eq "quicklist" && $val eq "listpack"} {return}\n',
    reason: 'since 7.2 a small list is a listpack; some units ask before their first test',
  },
  {
    file: 'tests/unit/scripting.tcl',
    from: /start_server [^\n]*\n {4}r script debug sync\n(.*\n){2}\}\n/,
    to: '',
    reason: 'there is no debugger of scripts; the block stands in no test and would end the unit',
  },
  ...['tests/unit/acl.tcl', 'tests/unit/acl-v2.tcl'].map((file) => ({
    file,
    from: /\*NOPERM\*(key|channel)s\*/g,
    to: '*NOPERM*$1*',
    reason: accessReason,
  })),
  {
    file: 'tests/unit/acl-v2.tcl',
    from: /NOPERM this user has no permissions to access one of the keys used as arguments/g,
    to: 'NOPERM No permissions to access a key',
    reason: accessReason,
  },
  {
    file: 'tests/unit/acl-v2.tcl',
    from: /This user has no permissions to ([^"]*" +\[r ACL DRYRUN )(\S+)/g,
    to: 'User $2 has no permissions to $1$2',
    reason: dryRunReason,
  },
  ...['tests/unit/multi.tcl', 'tests/unit/maxmemory.tcl'].map((file) => ({
    file,
    from: /( +)\{select \*\}\n +\{multi\}\n/g,
    to: '$1{multi}\n$1{select *}\n',
    reason: 'since 7.2 SELECT stands inside the transaction that it is for',
  })),
  {
    file: 'tests/unit/acl.tcl',
    from: /This user has no permissions to ([^"]*" +\[r ACL DRYRUN )(\S+)/g,
    to: 'User $2 has no permissions to $1$2',
    reason: dryRunReason,
  },
];
