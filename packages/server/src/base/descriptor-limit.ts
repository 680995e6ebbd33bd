import { readFileSync } from 'node:fs';

/** What systems give a process that asks for nothing. */
const USUAL_LIMIT = 1024;

/**
 * Descriptors that this process may have open. Connections come from strangers and take one each: what they may take
 * together is a share of this, so that files, pipes and containers still get theirs.
 */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? USUAL_LIMIT);
  } catch {
    return USUAL_LIMIT;
  }
}
