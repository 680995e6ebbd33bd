import { afterEach, beforeEach } from 'vitest';
import { makeWorkplace, type Workplace } from './run-wsk.ts';
import { startWhiskServer, type WhiskServer } from './whisk-server.ts';

/** What each test of a file gets anew. */
export interface WhiskFixture {
  readonly server: WhiskServer;
  readonly place: Workplace;
}

/** For each test of the file that calls this: a server that knows no answers yet, and an empty directory. */
export function useWhisk(): WhiskFixture {
  const fixture: { server?: WhiskServer; place?: Workplace } = {};
  beforeEach(async () => {
    fixture.server = await startWhiskServer();
    fixture.place = makeWorkplace();
  });
  afterEach(async () => {
    fixture.place?.remove();
    await fixture.server?.close();
  });
  return fixture as WhiskFixture;
}
