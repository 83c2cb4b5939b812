import { afterEach, expect, it, vi } from 'vitest';
import { environmentWithoutCertificates } from './child-processes.ts';

afterEach(() => void vi.unstubAllEnvs());

it('a program that needs no certificates is not told of any, and of all else', () => {
  vi.stubEnv('DISGO_TEST', 'as before');
  const without = environmentWithoutCertificates();
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/certificates.pem');
  expect(environmentWithoutCertificates()).toEqual({ ...without, DISGO_TEST: 'as before' });
  expect(environmentWithoutCertificates()).not.toHaveProperty('NODE_EXTRA_CA_CERTS');
  expect(process.env.NODE_EXTRA_CA_CERTS).toBe('/certificates.pem');
});
