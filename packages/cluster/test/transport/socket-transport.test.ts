import { afterEach, describe, expect, test, vi } from 'vitest';

import { packetOf, requestsOf, Transports } from './open-transport.ts';

const transports = new Transports();

afterEach(() => transports.close());

describe('two instances with the same secret', () => {
  test.each([true, false])('exchange packets (reliable: %s)', async (reliable) => {
    const [a, b] = [await transports.open(), await transports.open()];
    a.transport.send(b.address, packetOf(1), { reliable });
    b.transport.send(a.address, packetOf(2), { reliable });
    await vi.waitFor(() => {
      expect(b.packets).toEqual([packetOf(1)]);
      expect(a.packets).toEqual([packetOf(2)]);
    });
    expect([...a.refused, ...b.refused]).toEqual([]);
  });

  test('reliable packets keep their order', async () => {
    const [a, b] = [await transports.open(), await transports.open()];
    const sent = Array.from({ length: 500 }, (_, index) => index);
    for (const request of sent)
      a.transport.send(b.address, packetOf(request, request * 10), { reliable: true });
    await vi.waitFor(() => expect(requestsOf(b.packets)).toEqual(sent), 10_000);
  });
});
