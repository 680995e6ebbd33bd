import { describe, expect, it } from 'vitest';
import { networkRules, parseDestination } from './network-rules.ts';

describe('the filter of a sandbox with internet', () => {
  it("refuses private ranges and the host's own addresses, IPv6 altogether", () => {
    const rules = networkRules([], ['203.0.113.7', 'fe80::1']);
    for (const range of ['10.0.0.0/8', '169.254.0.0/16', '100.64.0.0/10', '203.0.113.7'])
      expect(rules).toContain(range);
    expect(rules).not.toContain('fe80');
    expect(rules).toContain('meta nfproto ipv6 reject');
    expect(rules).toContain('policy drop');
  });

  it('accepts what is allowed before it refuses the rest', () => {
    const rules = networkRules([{ address: '10.1.2.3', port: 5432 }], []);
    const accept = rules.indexOf('ip daddr 10.1.2.3 meta l4proto { tcp, udp } th dport 5432 accept');
    expect(accept).toBeGreaterThan(0);
    expect(accept).toBeLessThan(rules.indexOf('@refused'));
  });

  it('takes only host:port for a destination', () => {
    expect(parseDestination('db.internal:5432')).toEqual({ host: 'db.internal', port: 5432 });
    for (const text of ['db', 'db:', 'db:0', 'db:70000', 'a b:1', '10.0.0.1:80 accept; drop', ':80'])
      expect(parseDestination(text)).toBeUndefined();
  });
});
