import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { systemClock } from '../base/clock.ts';
import { randomIds } from '../base/ids.ts';
import { silentLogger } from '../base/logger.ts';
import { noTrails } from '../base/trail.ts';
import { createServer } from '../http/create-server.ts';
import { agentArchiveRoutes } from './agent-archive-route.ts';

test('agents fetch the archive byte for byte, and are told its size before, without credentials', async () => {
  const path = '/vibrissa/agent-1f0c.tar.gz';
  const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
  const server = createServer({
    clock: systemClock,
    ids: randomIds,
    logger: silentLogger,
    trails: noTrails,
    trust: 'loopback-peers',
    authentication: { authenticate: () => 'missing' },
    routes: agentArchiveRoutes({ path, bytes }),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}${path}`;
  try {
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('1000');
    const fetched = await fetch(url);
    expect(fetched.headers.get('content-type')).toBe('application/gzip');
    expect(Buffer.from(await fetched.arrayBuffer()).equals(bytes)).toBe(true);
  } finally {
    await server.close();
  }
});
