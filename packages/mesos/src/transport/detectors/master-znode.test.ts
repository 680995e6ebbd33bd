import { describe, expect, it } from 'vitest';
import { contendersOf, hasOnlyOldContenders, readMasterZnode } from './master-znode.ts';

const read = (info: unknown, scheme: 'http' | 'https' = 'http') =>
  readMasterZnode(Buffer.from(typeof info === 'string' ? info : JSON.stringify(info)), scheme);

describe("a master's znode", () => {
  const address = { hostname: 'm1.example', ip: '10.0.0.3', port: 5050 };

  it('gives the IP address, or the name where certificates matter', () => {
    const info = { address, hostname: 'm1.example', pid: 'master@10.0.0.3:5050', port: 5050 };
    expect(read(info)).toBe('http://10.0.0.3:5050');
    expect(read(info, 'https')).toBe('https://m1.example:5050');
  });

  it('is enough with one of them', () => {
    expect(read({ address: { ip: '10.0.0.3', port: 5051 } }, 'https')).toBe('https://10.0.0.3:5051');
    expect(read({ hostname: 'm1', port: 5051 })).toBe('http://m1:5051');
    expect(read({ pid: 'master@10.0.0.3:5052' })).toBe('http://10.0.0.3:5052');
    expect(read({ pid: 'master@[fd00::3]:5052' })).toBe('http://[fd00::3]:5052');
    expect(read({ address: { ip: 'fd00::3', port: 5050 } })).toBe('http://[fd00::3]:5050');
  });

  it.each([
    ['', 'nothing'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['{}', 'no address'],
    ['{"address":{"ip":"10.0.0.3"}}', 'no port'],
    ['{"address":{"ip":"10.0.0.3","port":70000}}', 'no possible port'],
    ['{"address":{"ip":"evil/../x","port":5050}}', 'no possible host'],
    ['{"pid":"master@"}', 'half a pid'],
    ['{"pid":7}', 'another pid'],
  ])('%s gives no master: %s', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it('is told from others by its name, and ordered by its number', () => {
    const children = [
      'log_replicas',
      'json.info_0000000010',
      'info_0000000001',
      'json.info_0000000009',
      'json.info_x',
    ];
    expect(contendersOf(children)).toEqual(['json.info_0000000009', 'json.info_0000000010']);
    expect(hasOnlyOldContenders(children)).toBe(false);
    expect(hasOnlyOldContenders(['info_0000000001', 'log_replicas'])).toBe(true);
    expect(hasOnlyOldContenders(['log_replicas'])).toBe(false);
  });
});
