// MIGRATE, over the Migrations of a server.

export { migrateCommand } from './migrate-command.ts';
export { type MigrationHost, Migrations } from './migrations.ts';
