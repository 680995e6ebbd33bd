import { isIPv6 } from 'node:net';

import type { Address } from '../membership/member.ts';
import { SeedError } from './seed-error.ts';

const HOST_NAME =
  /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
const LONGEST_HOST = 255;

/** `host:7946`, `10.0.0.3:7946` or `[::1]:7946`. Throws {@link SeedError} `INVALID_ADDRESS`. */
export function parseAddress(text: string): Address {
  const trimmed = text.trim();
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(trimmed) ?? [];
  const port = Number(digits);
  if (bracketed !== undefined ? !isIPv6(bracketed) : !isHostName(plain)) throw invalid(trimmed);
  if (!(port > 0 && port < 65_536)) throw invalid(trimmed);
  return { host: bracketed ?? plain ?? '', port };
}

function isHostName(host: string | undefined): boolean {
  return host !== undefined && host.length <= LONGEST_HOST && HOST_NAME.test(host);
}

function invalid(text: string): SeedError {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new SeedError('INVALID_ADDRESS', {
    what: `'${shown}' is not an address.`,
    mend: 'Write host:port, such as 10.0.0.3:7946, or [::1]:7946.',
  });
}
