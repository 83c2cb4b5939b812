// The ACL feature: what a server needs of it.

export { Acl, AclStartError, type DenialCounters } from './acl.ts';
export { aclCommand } from './acl-command.ts';
export { declarationChecker } from './acl-file.ts';
export { AclUsers } from './acl-users.ts';
export { CommandRegistry } from './command-registry.ts';
